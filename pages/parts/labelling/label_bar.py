"""Buttons that give cells another label: one per class with its key, "I don't know", and a new class."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import streamlit as st

from bcc.datasets import Dataset
from bcc.errors import UserError
from pages.parts.labelling import decisions
from pages.parts.text import errors, formatting

MOST_BUTTONS = 12
"""Classes beyond which the others are in a list."""


def show(
    dataset: Dataset,
    rows: np.ndarray,
    key: str,
    *,
    suggested: str | None = None,
    why: str = "",
    shortcuts: bool = True,
    then: Callable[[], None] | None = None,
) -> None:
    """Draw the buttons.

    Args:
        dataset: the set, with its own labels.
        rows: int64 (M,), what is relabelled; without rows the buttons are disabled.
        key: of the widgets.
        suggested: the class to be drawn as the proposed one.
        why: recorded as the reason.
        shortcuts: whether the keys 1-9 and 0 press the buttons; for one bar of a page only.
        then: called after a label was given.
    """
    with errors.shown(stop=False):
        selection = decisions.current(dataset)
        after = selection.relabelled(dataset)
        names = after.class_names
        present = {int(label) for label in np.unique(after.labels[rows])} if len(rows) else set()
        only = next(iter(present)) if len(present) == 1 else None
        with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
            for place, name in enumerate(names[:MOST_BUTTONS]):
                own = place == only
                st.button(
                    formatting.plain(name),
                    key=f"{key}:{place}",
                    shortcut=str(place + 1) if shortcuts and place < 9 else None,
                    type="primary" if name == suggested and not own else "secondary",
                    icon=":material/check:" if own else None,
                    disabled=not len(rows),
                    on_click=_give,
                    args=(dataset, rows, name, why, then),
                    help=f"Label {_cells(rows)} {'as now, which confirms it' if own else 'as this class'}.",
                )
            st.button(
                "I don't know",
                key=f"{key}:unknown",
                shortcut="0" if shortcuts else None,
                type="tertiary",
                disabled=not len(rows),
                on_click=_give,
                args=(dataset, rows, None, why, then),
                help="Neither trained on nor scored, until somebody can tell.",
            )
            _more(
                dataset, rows, key, names, why, then, any(int(row) in selection.labels.rows for row in rows)
            )


def _more(
    dataset: Dataset,
    rows: np.ndarray,
    key: str,
    names: tuple[str, ...],
    why: str,
    then: Callable[[], None] | None,
    changed: bool,
) -> None:
    """Draw what is needed less often."""
    with st.popover(
        "", icon=":material/more_horiz:", help="Another class, a new class, the label as it was."
    ):
        if len(names) > MOST_BUTTONS:
            other = st.selectbox(
                "Another class",
                names[MOST_BUTTONS:],
                index=None,
                format_func=formatting.plain,
                key=f"{key}:other",
                help="The classes that have no button.",
            )
            st.button(
                "Label as this class",
                key=f"{key}:give_other",
                disabled=other is None or not len(rows),
                on_click=_give,
                args=(dataset, rows, other, why, then),
                help="Gives the chosen cells the class above.",
            )
        new = st.text_input(
            "A new class",
            key=f"{key}:new",
            placeholder="artefact",
            max_chars=80,
            help="A class that the dataset does not have, such as artefact or smudge cell.",
        )
        st.button(
            "Add it and label",
            icon=":material/add:",
            key=f"{key}:add",
            disabled=not new.strip() or not len(rows),
            on_click=_add,
            args=(dataset, rows, new, why, then),
            help="Adds the class to this selection, and gives it to the chosen cells.",
        )
        st.button(
            "The dataset's own label",
            icon=":material/undo:",
            key=f"{key}:own",
            disabled=not changed,
            on_click=decisions.own_labels,
            args=(dataset, rows),
            help="Forgets the changes to these labels.",
        )


def _cells(rows: np.ndarray) -> str:
    return "this cell" if len(rows) == 1 else f"these {len(rows):,} cells"


def _give(
    dataset: Dataset, rows: np.ndarray, name: str | None, why: str, then: Callable[[], None] | None
) -> None:
    decisions.relabel(dataset, rows, name, why)
    if then is not None:
        then()


def _add(dataset: Dataset, rows: np.ndarray, name: str, why: str, then: Callable[[], None] | None) -> None:
    name = " ".join(name.split())
    try:
        labels = decisions.current(dataset).labels.add_class(dataset, name)
    except UserError as error:
        decisions.report(error)
        return
    chosen, who = list(map(int, rows)), decisions.reviewer()
    decisions.change(
        dataset,
        lambda before: (
            before.with_labels(dataset, labels)
            .forget(chosen)
            .relabel(dataset, chosen, name, who=who, why=why)
        ),
    )
    if then is not None:
        then()
