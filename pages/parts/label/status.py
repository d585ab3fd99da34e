"""The top of the page Label: which selection, who, undo and redo, and how far the labelling is."""

from __future__ import annotations

import numpy as np
import streamlit as st

from bcc.datasets import Dataset, Selection, saved_selections
from pages.parts.labelling import decisions
from pages.parts.state import links


def choose(dataset: Dataset) -> None:
    """Draw the current selection, the reviewer, undo, redo and the link to training."""
    one = decisions.name(dataset)
    saved = saved_selections(dataset)
    st.session_state["label_selection"] = one
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Selection",
            saved if one in saved else [one, *saved],
            key="label_selection",
            width=240,
            on_change=_take,
            help="Holds the changed labels and the rows that are left out, saved at every step. New ones "
            "are made on the Clean page under Selections.",
        )
        decisions.reviewer_field()
        decisions.undo_buttons(dataset)
        if st.button(
            "Train on these labels",
            icon=":material/model_training:",
            key="label_train",
            disabled=one not in saved,
            help="Open the Train page with this dataset and this selection.",
        ):
            links.go("train", selection=one)


def numbers(dataset: Dataset, selection: Selection) -> None:
    """Draw how many cells have a label, and how many were changed."""
    facts = selection.labels.summary(dataset)
    labelled = int((selection.relabelled(dataset).labels >= 0).sum())
    reviewed = len(selection.labels.rows)
    with st.grid(4, min_column_width=130):
        st.metric(
            "Labelled",
            f"{labelled:,}",
            f"of {len(dataset):,}" if labelled < len(dataset) else None,
            delta_color="off",
            delta_arrow="off",
            border=True,
            height="stretch",
            help="Cells with a class. The others are neither trained on nor scored.",
        )
        st.metric(
            "Changed",
            f"{facts['changed']:,}",
            border=True,
            height="stretch",
            help="Cells with another class than the dataset's.",
        )
        st.metric(
            "Confirmed",
            f"{facts['confirmed']:,}",
            border=True,
            height="stretch",
            help="Cells whose class a reviewer confirmed.",
        )
        st.metric(
            "Don't know",
            f"{facts['unknown']:,}",
            f"of {reviewed:,} reviewed" if reviewed else None,
            delta_color="off",
            delta_arrow="off",
            border=True,
            height="stretch",
            help="Cells whose class the reviewer could not tell.",
        )


def undecided(selection: Selection) -> np.ndarray:
    """Whether nobody has looked at each row: bool (N,)."""
    open_rows = np.ones(selection.rows, bool)
    open_rows[selection.reviewed] = False
    return open_rows


def _take() -> None:
    st.query_params[decisions.PARAMETER] = st.session_state["label_selection"]
