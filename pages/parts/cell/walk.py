"""From one cell to the next: by row number, with the arrow keys, among all rows or those of one class."""

from __future__ import annotations

import numpy as np
import streamlit as st

from bcc.datasets import Dataset
from pages.parts.state import links
from pages.parts.text import formatting

ROW = links.ROW
ALL = "all rows"


def walk(dataset: Dataset, after: Dataset) -> int:
    """Draw the controls and return the row that is shown.

    Args:
        dataset: the set.
        after: the same with changed labels.
    """
    row = _asked(len(dataset))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        among = st.selectbox(
            "Go through",
            [ALL, *after.class_names],
            key="among",
            bind="query-params",
            format_func=formatting.plain,
            width=220,
            help="Which cells the arrow keys lead to.",
        )
        rows = np.arange(len(dataset))
        if among != ALL:
            rows = np.flatnonzero(after.labels == after.class_names.index(among))
        before, behind = rows[rows < row], rows[rows > row]
        st.button(
            "Previous",
            icon=":material/arrow_back:",
            key="cell_previous",
            shortcut="Left",
            disabled=not len(before),
            on_click=_go,
            args=(int(before[-1]) if len(before) else row,),
            help="The cell before, with the left arrow key.",
        )
        st.button(
            "Next",
            icon=":material/arrow_forward:",
            key="cell_next",
            shortcut="Right",
            disabled=not len(behind),
            on_click=_go,
            args=(int(behind[0]) if len(behind) else row,),
            help="The next cell, with the right arrow key.",
        )
        st.session_state["cell_number"] = row
        st.number_input(
            "Row",
            0,
            len(dataset) - 1,
            step=1,
            key="cell_number",
            width=140,
            on_change=_typed,
            help=f"Row of the dataset, 0 to {len(dataset) - 1:,}.",
        )
    return row


def _asked(rows: int) -> int:
    """The row of the address; the first one where it names none."""
    text = st.query_params.get(ROW, "0")
    if text.isdecimal() and len(text) < 12 and int(text) < rows:
        return int(text)
    st.warning(
        f"The link names row '{formatting.plain(text[:20])}', which this dataset does not have; it has rows "
        f"0 to {rows - 1:,}.",
        icon=":material/link_off:",
    )
    return 0


def _go(row: int) -> None:
    st.query_params[ROW] = str(row)


def _typed() -> None:
    _go(int(st.session_state["cell_number"]))
