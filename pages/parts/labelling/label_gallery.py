"""Cells in a grid from which any can be opened or picked and given another label."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from bcc.datasets import Dataset
from bcc.figures.colours import class_colours
from pages.parts.labelling import decisions, label_bar
from pages.parts.state import links
from pages.parts.text import formatting
from pages.parts.widgets import gallery, pick_gallery

NO_LABEL = "no label"


def show(
    dataset: Dataset,
    rows: Sequence[int] | np.ndarray,
    cards: Sequence[gallery.Card],
    label: str,
    key: str,
    *,
    width: int = 112,
    why: str = "",
) -> None:
    """Draw the grid, and above it the label buttons for what is picked.

    Args:
        dataset: the set.
        rows: of the cards, unique.
        cards: in order.
        label: description of the grid for a screen reader.
        key: of the widgets.
        width: minimum width of an image, in px.
        why: recorded as the reason of a change.
    """
    # Above the cells, so that the buttons are in view; what is picked is known only after the grid.
    bar = st.container()
    picked = pick_gallery.show(cards, rows, label, key, width)
    if picked.opened is not None:
        links.go("cell", data=dataset.fingerprint, row=str(picked.opened), selection=decisions.name(dataset))
    if not len(picked.rows):
        return
    with bar, st.container(border=True):
        decisions.show_problem()
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.caption(
                f"{len(picked.rows):,} picked · changes go into the selection "
                f"'{formatting.plain(decisions.name(dataset))}'",
                width="content",
            )
        label_bar.show(
            dataset,
            picked.rows,
            f"{key}:label",
            why=why,
            shortcuts=True,
            then=lambda: pick_gallery.clear(key),
        )


def of_rows(
    dataset: Dataset, rows: np.ndarray, caption: str, key: str, with_class: bool = True, width: int = 104
) -> None:
    """Draw rows of a dataset, each with its number and, unless all are of one class, its present label."""
    selection = decisions.current(dataset)
    after, changes = selection.relabelled(dataset), set(selection.labels.changed_rows(dataset).tolist())
    colours = class_colours(after.class_names)
    cards = []
    for row in rows:
        position, number = int(after.labels[row]), formatting.row(dataset, int(row))
        name = after.class_names[position] if position >= 0 else NO_LABEL
        changed = int(row) in changes
        title, note = (name, number) if with_class or changed else (number, "")
        cards.append(
            gallery.Card(
                (np.asarray(dataset.images[row]),),
                title,
                note,
                colours.get(name, ""),
                f"{name}, {number}",
                "changed" if changed and position >= 0 else "",
            )
        )
    show(dataset, rows, cards, caption, key, width=width)
