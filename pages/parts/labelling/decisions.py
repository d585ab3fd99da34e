"""The decisions of a person: one selection, named in the URL, saved at every step, with undo and redo.

The files are the source of truth, those of undo and redo too: a reload, another tab or a restart shows the
    same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import streamlit as st

from bcc.datasets import Dataset, Selection, open_selection, saved_selections
from bcc.datasets.label_changes import UNKNOWN
from bcc.datasets.selection_history import History, Step, history_path, read_history, write_history
from bcc.errors import UserError
from pages.parts.state import links, loaders
from pages.parts.text import formatting

PARAMETER = "selection"
FIRST_NAME = "my selection"
AT = "clean.at"
"""Where the session keeps which finding of the open kind is looked at."""
REVIEWER = "reviewer"
"""Query parameter and key of the reviewer's name."""

UNDECIDED, LEFT_OUT, KEPT, RELABELLED, DONT_KNOW = 0, 1, -1, 2, 3
"""What was decided on a row, see `states`."""

_NAME = "reviewer.name"
_PROBLEM = "clean.problem"


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
    """Return undo and redo of the current selection."""
    one = name(dataset)
    try:
        when = history_path(dataset.fingerprint, one).stat().st_mtime_ns
    except OSError:
        return History()
    key = ("selection history", dataset.fingerprint, one, when)
    return loaders.cached(key, lambda: read_history(dataset.fingerprint, one))


def forget_history(dataset: Dataset, one: str) -> None:
    """Forget undo and redo of a selection."""
    history_path(dataset.fingerprint, one).unlink(missing_ok=True)


def reviewer() -> str:
    """The name under which label changes are recorded, as the person gave it; may be empty."""
    given = st.session_state.get(REVIEWER, st.session_state.get(_NAME, st.query_params.get(REVIEWER, "")))
    return str(given).strip()[:80]


def reviewer_field() -> None:
    """Draw the field for the reviewer's name; the session keeps it for pages without the field."""
    if REVIEWER not in st.session_state and REVIEWER not in st.query_params and st.session_state.get(_NAME):
        st.session_state[REVIEWER] = st.session_state[_NAME]
    st.session_state[_NAME] = st.text_input(
        "Reviewer",
        key=REVIEWER,
        placeholder="your name",
        max_chars=80,
        width=180,
        help="Recorded with every label that you change. Two reviewers who each use a selection of their own "
        "are compared on the Label page under Reviewers.",
        **links.bound(REVIEWER, fits=lambda _: True),
    )


def change(dataset: Dataset, how: Callable[[Selection], Selection]) -> None:
    """Apply a decision, save it and make it undoable. `show_problem` shows an error, if any."""
    try:
        before, one = current(dataset), name(dataset)
        after = how(before)
        if (after.decisions, after.labels) == (before.decisions, before.labels):
            return
        is_saved = one in saved_selections(dataset)
        after.save(one)
        # A selection that begins has nothing to undo, whatever an older one of its name left behind.
        ways = history(dataset) if is_saved else History()
        write_history(dataset.fingerprint, one, ways.add(Step.between(before, after, *_place())))
    except UserError as error:
        st.session_state[_PROBLEM] = str(error)
        return
    st.query_params[PARAMETER] = one


def leave_out(dataset: Dataset, rows: Iterable[int], reason: str) -> None:
    """Leave rows out of the selection."""
    change(dataset, lambda before: before.leave_out(rows, reason))


def keep(dataset: Dataset, rows: Iterable[int], reason: str) -> None:
    """Record that a person has reviewed rows and keeps them."""
    change(dataset, lambda before: before.keep(rows, reason))


def relabel(dataset: Dataset, rows: Iterable[int], new: str | None, why: str = "") -> None:
    """Give rows a class, `None` for "I don't know"; what was left out before is kept from now on."""
    chosen, who = list(rows), reviewer()
    change(dataset, lambda before: before.forget(chosen).relabel(dataset, chosen, new, who=who, why=why))


def own_labels(dataset: Dataset, rows: Iterable[int]) -> None:
    """Return to the dataset's own labels for these rows."""
    change(dataset, lambda before: before.own_labels(rows))


def accept_button(drop: np.ndarray, state: np.ndarray) -> tuple[str, bool]:
    """Label the button that accepts all suggestions, and check whether any is left to accept.

    Args:
        drop: rows that the scan suggests to drop.
        state: of every row, from `states`.
    """
    if not len(drop):
        return "No suggestions to accept", False
    if (state[drop] == LEFT_OUT).all():
        return f"All suggestions accepted ({len(drop):,} rows out)", False
    return f"Accept all suggestions ({len(drop):,} rows out)", True


def undo(dataset: Dataset) -> None:
    """Undo one step, and return to its finding."""
    ways = history(dataset)
    if ways.past:
        _go(dataset, ways.past[-1], ways.past[-1].undo, ways.undone())


def redo(dataset: Dataset) -> None:
    """Redo the decision."""
    ways = history(dataset)
    if ways.future:
        _go(dataset, ways.future[-1], ways.future[-1].redo, ways.redone())


def _place() -> tuple[str | None, int]:
    return st.query_params.get("kind"), st.session_state.get(AT, 0)


def _go(dataset: Dataset, step: Step, turn: Callable[[Selection], Selection], after: History) -> None:
    try:
        one = name(dataset)
        turn(current(dataset)).save(one)
        write_history(dataset.fingerprint, one, after)
    except UserError as error:
        st.session_state[_PROBLEM] = str(error)
        return
    if step.kind == st.query_params.get("kind"):
        st.session_state[AT] = step.at


def undo_buttons(dataset: Dataset) -> None:
    """Draw the buttons that undo and redo, with their keys."""
    ways = history(dataset)
    for label, icon, letter, ready, go, help in (
        ("Undo", ":material/undo:", "U", bool(ways.past), undo, "Undo the last decision."),
        ("Redo", ":material/redo:", "Y", bool(ways.future), redo, "Redo the decision."),
    ):
        st.button(
            label,
            icon=icon,
            key=f"clean_{label.lower()}",
            shortcut=letter,
            disabled=not ready,
            on_click=go,
            args=(dataset,),
            help=help,
        )


def report(problem: UserError) -> None:
    """Store an error raised in a callback, to be shown when the page is next drawn."""
    st.session_state[_PROBLEM] = str(problem)


def show_problem() -> None:
    """Show the error of the last callback, once."""
    problem = st.session_state.pop(_PROBLEM, None)
    if problem:
        st.error(formatting.plain(problem), icon=":material/error:")


def states(selection: Selection) -> np.ndarray:
    """Return the decision per row: int8 (N,), `UNDECIDED`, `LEFT_OUT`, `KEPT` (also a confirmed label),
    `RELABELLED` or `DONT_KNOW`."""
    state = np.zeros(selection.rows, np.int8)
    for row, changes in selection.labels.rows.items():
        new, own = changes[-1].new, changes[0].old
        state[row] = DONT_KNOW if new == UNKNOWN else KEPT if new == own else RELABELLED
    for row, one in selection.decisions.items():
        if one.left_out:
            state[row] = LEFT_OUT
        elif state[row] == UNDECIDED:
            state[row] = KEPT
    return state
