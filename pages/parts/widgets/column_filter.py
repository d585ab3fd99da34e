"""Choose rows by a column of the dataset: patient, slide, date, or whatever travels with them."""

from __future__ import annotations

import numpy as np
import streamlit as st

from bcc.datasets import Dataset
from pages.parts.text import formatting

ANY = "any value"
NO_COLUMN = "no column"
NO_VALUE = "(no value)"


def show(dataset: Dataset, rows: np.ndarray, key: str) -> np.ndarray:
    """Draw a choice of column and value; nothing where the dataset has no columns.

    Args:
        dataset: the set.
        rows: int64 (M,), to choose among.
        key: of the widgets.

    Returns:
        The rows with the chosen value.
    """
    if not dataset.columns:
        return rows
    with st.container(horizontal=True, vertical_alignment="bottom"):
        column = st.selectbox(
            "Column",
            [NO_COLUMN, *dataset.columns],
            key=f"{key}_column",
            format_func=formatting.plain,
            width=220,
            help="What the source says of each image beside its label.",
        )
        if column == NO_COLUMN:
            return rows
        values = np.array([value or NO_VALUE for value in dataset.columns[column]], object)
        wanted = st.selectbox(
            "Value",
            [ANY, *sorted(set(values[rows]))],
            key=f"{key}_value:{column}",
            format_func=formatting.plain,
            width=260,
            help="Only images with this value.",
        )
    return rows if wanted == ANY else rows[values[rows] == wanted]
