"""The decisions of a person: one selection, named in the URL, saved at every step, with undo and redo.

The file is the source of truth: a reload, another tab or a restart shows the same. Only undo and redo
live in the session.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
import streamlit as st

from bcc.datasets import Dataset, Selection, open_selection, saved_selections
from bcc.errors import UserError
from pages.parts.text import formatting

PARAMETER = "selection"
FIRST_NAME = "my selection"
AT = "clean.at"
"""Where the session keeps which finding of the open kind is looked at."""

_PROBLEM = "clean.problem"
_MOST = 200


Place = tuple[str | None, int]
"""A kind of findings, and which one of it was looked at."""


@dataclass
class History:
    """Selections before and after the present one, nearest last, and where each was left for another."""

    past: list[tuple[Selection, Place]] = field(default_factory=list)
    future: list[tuple[Selection, Place]] = field(default_factory=list)


def name(dataset: Dataset) -> str:
    """Return the current selection: that of the URL, else the newest, else a new one."""
    saved = saved_selections(dataset)
    wanted = st.query_params.get(PARAMETER, "")
    if wanted in saved:
        return wanted
    chosen = saved[0] if saved else FIRST_NAME
    if wanted and wanted != chosen:
        st.query_params[PARAMETER] = chosen
    return chosen


def current(dataset: Dataset) -> Selection:
    """Read the selection from disk; it is empty where nothing is decided yet.

    Raises:
        UserError: its file is damaged or of another set.
    """
    one = name(dataset)
    return open_selection(dataset, one) if one in saved_selections(dataset) else Selection.of(dataset)


def history(dataset: Dataset) -> History:
    """Return undo and redo of this session."""
    key = f"clean.history:{dataset.fingerprint}:{name(dataset)}"
    steps: History = st.session_state.setdefault(key, History())
    return steps


def change(dataset: Dataset, how: Callable[[Selection], Selection]) -> None:
    """Apply a decision, save it and make it undoable. `show_problem` shows an error, if any."""
    try:
        before = current(dataset)
        after = how(before)
        if after.decisions == before.decisions:
            return
        after.save(name(dataset))
    except UserError as error:
        st.session_state[_PROBLEM] = str(error)
        return
    ways = history(dataset)
    ways.past = [*ways.past[-_MOST:], (before, _place())]
    ways.future = []
    st.query_params[PARAMETER] = name(dataset)


def leave_out(dataset: Dataset, rows: Iterable[int], reason: str) -> None:
    """Leave rows out of the selection."""
    change(dataset, lambda before: before.leave_out(rows, reason))


def keep(dataset: Dataset, rows: Iterable[int], reason: str) -> None:
    """Record that a person has reviewed rows and keeps them."""
    change(dataset, lambda before: before.keep(rows, reason))


def accept_button(drop: np.ndarray, state: np.ndarray) -> tuple[str, bool]:
    """Label the button that accepts all suggestions, and check whether any is left to accept.

    Args:
        drop: rows that the scan suggests to drop.
        state: of every row, from `states`.
    """
    if not len(drop):
        return "No suggestions to accept", False
    if (state[drop] == 1).all():
        return f"All suggestions accepted ({len(drop):,} rows out)", False
    return f"Accept all suggestions ({len(drop):,} rows out)", True


def undo(dataset: Dataset) -> None:
    """Undo one step, and return to its finding."""
    ways = history(dataset)
    _go(dataset, ways.past, ways.future)


def redo(dataset: Dataset) -> None:
    """Redo the decision."""
    ways = history(dataset)
    _go(dataset, ways.future, ways.past)


def _place() -> Place:
    return st.query_params.get("kind"), st.session_state.get(AT, 0)


def _go(dataset: Dataset, there: list[tuple[Selection, Place]], here: list[tuple[Selection, Place]]) -> None:
    if not there:
        return
    try:
        now = current(dataset)
        there[-1][0].save(name(dataset))
    except UserError as error:
        st.session_state[_PROBLEM] = str(error)
        return
    _, place = there.pop()
    here.append((now, place))
    kind, at = place
    if kind == _place()[0]:
        st.session_state[AT] = at


def report(problem: UserError) -> None:
    """Store an error raised in a callback, to be shown when the page is next drawn."""
    st.session_state[_PROBLEM] = str(problem)


def show_problem() -> None:
    """Show the error of the last callback, once."""
    problem = st.session_state.pop(_PROBLEM, None)
    if problem:
        st.error(formatting.plain(problem), icon=":material/error:")


def states(selection: Selection) -> np.ndarray:
    """Return the decision per row: int8 (N,), 1 left out, -1 kept, 0 undecided."""
    state = np.zeros(selection.rows, np.int8)
    if selection.decisions:
        rows = np.fromiter(selection.decisions, np.int64, len(selection.decisions))
        state[rows] = [1 if one.left_out else -1 for one in selection.decisions.values()]
    return state
