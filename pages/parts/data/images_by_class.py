"""The images of a dataset by class: page through them, open one, put labels right."""

from __future__ import annotations

import streamlit as st

from bcc.datasets import Dataset
from pages.parts.labelling import label_gallery
from pages.parts.state import loaders
from pages.parts.text import errors
from pages.parts.widgets import column_filter, gallery


@st.fragment
def show(dataset: Dataset) -> None:
    """Choose a class and page through its images; only this fragment reruns."""
    everything = "all classes"
    names = [everything, *dataset.class_names]
    chosen = st.selectbox(
        "Class",
        names,
        key="class",
        bind="query-params",
        width=320,
        help="Show the images of one class, in dataset order.",
    )
    rows = loaders.class_rows(dataset.fingerprint, None if chosen == everything else chosen, dataset)
    rows = column_filter.show(dataset, rows, "data")
    if len(rows) == 0:
        st.info("There are no such images.", icon=":material/image_not_supported:")
        return
    shown = gallery.paged(rows, "page")
    st.caption("Click to pick, with Shift up to there; double-click to open one.")
    with errors.shown(stop=False):
        label_gallery.of_rows(
            dataset, shown, f"Images of {chosen}", "data_gallery", with_class=chosen == everything
        )
