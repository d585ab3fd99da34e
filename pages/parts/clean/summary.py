"""The top of the page: the current selection, how much it leaves out, and what is undecided."""

from __future__ import annotations

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from bcc.datasets import Dataset, Selection, imbalance_ratio, saved_selections
from bcc.quality import SavedScan
from pages.parts.labelling import decisions
from pages.parts.state import links


def choose(dataset: Dataset) -> DeltaGenerator:
    """Draw the current selection, undo, redo, and the link to training.

    Returns:
        A container for a line of text next to them.
    """
    one = decisions.name(dataset)
    saved = saved_selections(dataset)
    st.session_state["clean_selection"] = one
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Selection",
            saved if one in saved else [one, *saved],
            key="clean_selection",
            width=280,
            on_change=_take,
            help="The list of rows that are left out, saved at every step. The dataset itself never "
            "changes. Create new selections under Selections.",
        )
        decisions.undo_buttons(dataset)
        if st.button(
            "Train on the rest",
            icon=":material/model_training:",
            key="clean_train",
            disabled=one not in saved,
            help="Open the Train page with this dataset and this selection.",
        ):
            links.go("train", selection=one)
        return st.container(width="content", vertical_alignment="bottom")


def line(selection: Selection, done: SavedScan | None) -> None:
    """Draw the line about the current state that every tab shows."""
    out = len(selection.left_out)
    share = f" ({out / selection.rows:.1%})" if out else ""
    text = f"{out:,} of {selection.rows:,} left out{share}"
    if done is not None:
        text += f" · {_undecided(selection, done)[0]:,} to decide"
    st.caption(text, width="content")


def _undecided(selection: Selection, done: SavedScan) -> tuple[int, int, int]:
    """Count undecided rows with a suggestion, rows suggested to be dropped, and rows to be reviewed."""
    state = decisions.states(selection)
    drop, review = (done.findings.suggested_rows(what) for what in ("drop", "review"))
    return int((state[drop] == 0).sum() + (state[review] == 0).sum()), len(drop), len(review)


def numbers(dataset: Dataset, selection: Selection, done: SavedScan | None) -> None:
    """Draw a row of numbers about the dataset before and after the selection."""
    keep = selection.apply(dataset)
    out = int((~keep).sum())
    classes = len(dataset.class_names)
    before = imbalance_ratio(np.bincount(dataset.labels, minlength=classes))
    changed = selection.relabelled(dataset)
    after = imbalance_ratio(np.bincount(changed.labels[keep], minlength=len(changed.class_names)))
    with st.grid(5, min_column_width=130):
        st.metric(
            "Images",
            f"{len(dataset):,}",
            border=True,
            height="stretch",
            help="Rows of the dataset, copies included.",
        )
        st.metric(
            "Left out",
            f"{out:,}",
            f"{out / max(len(dataset), 1):.1%} of the set" if out else None,
            delta_color="off",
            delta_arrow="off",
            border=True,
            height="stretch",
            help="Rows that this selection leaves out.",
        )
        st.metric(
            "Kept",
            f"{len(dataset) - out:,}",
            border=True,
            height="stretch",
            help="Rows available for training.",
        )
        st.metric(
            "Imbalance",
            f"{after:.2f}",
            f"{before:.2f} before" if out else None,
            delta_color="off",
            delta_arrow="off",
            border=True,
            height="stretch",
            help="Images of the largest class over those of the smallest, after the selection.",
        )
        if done is None:
            st.metric("To decide", "–", border=True, height="stretch", help="Known after a scan.")
        else:
            open_rows, drop, review = _undecided(selection, done)
            st.metric(
                "To decide",
                f"{open_rows:,}",
                f"of {drop + review:,}",
                delta_color="off",
                delta_arrow="off",
                border=True,
                height="stretch",
                help=f"Undecided rows with a suggestion. The scan suggests to drop "
                f"{drop:,} rows and to review {review:,}.",
            )


def _take() -> None:
    st.query_params[decisions.PARAMETER] = st.session_state["clean_selection"]
