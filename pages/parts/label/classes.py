"""The classes of a selection: add, rename, merge, leave out; and how many cells each has."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import streamlit as st

from bcc.datasets import Dataset, Selection
from bcc.datasets.label_changes import LabelChanges
from bcc.errors import UserError
from pages.parts.labelling import decisions
from pages.parts.text import formatting
from pages.parts.widgets import columns


def show(dataset: Dataset, selection: Selection) -> None:
    """Draw the tab."""
    table, change = st.columns([5, 6], gap="large")
    with table:
        _table(dataset, selection)
    with change:
        _changes(dataset, selection)


def _table(dataset: Dataset, selection: Selection) -> None:
    after = selection.relabelled(dataset)
    kept = after.labels[selection.apply(dataset)]
    counts = np.bincount(kept, minlength=len(after.class_names))
    st.dataframe(
        formatting.table(pd.DataFrame({"class": list(after.class_names), "cells": counts})),
        hide_index=True,
        height="content",
        key="label_classes",
        alt="Classes after all changes, and how many cells each has",
        column_config={
            "class": "Class",
            "cells": st.column_config.NumberColumn(
                "Cells", **columns.count(), help="Kept cells with this label, changes included."
            ),
        },
    )
    for sentence in selection.labels.summary(dataset)["classes"]:
        st.caption(formatting.plain(sentence))


def _changes(dataset: Dataset, selection: Selection) -> None:
    names = list(selection.labels.class_names(dataset))
    new = st.text_input(
        "A new class", key="class_new", placeholder="smudge cell", max_chars=80, help="Its name."
    )
    st.button(
        "Add",
        icon=":material/add:",
        key="class_add",
        disabled=not new.strip(),
        on_click=_apply,
        args=(dataset, lambda labels: labels.add_class(dataset, new)),
        help="Adds a class without cells.",
    )
    one = st.selectbox(
        "Class", names, index=None, key="class_one", format_func=formatting.plain, help="The class to change."
    )
    name = st.text_input(
        "Its new name", key="class_name", max_chars=80, disabled=one is None, help="Renames the class."
    )
    into = st.selectbox(
        "Merge it into",
        [other for other in names if other != one],
        index=None,
        key="class_into",
        format_func=formatting.plain,
        disabled=one is None,
        help="All its cells become cells of this class.",
    )
    with st.container(horizontal=True, gap="xsmall"):
        for label, icon, ready, how, help in (
            (
                "Rename",
                ":material/edit:",
                bool(name.strip()),
                lambda labels: labels.rename_class(dataset, one, name),
                "The class keeps its cells.",
            ),
            (
                "Merge",
                ":material/merge:",
                into is not None,
                lambda labels: labels.merge_classes(dataset, one, into),
                "Makes it part of the other class.",
            ),
            (
                "Leave out",
                ":material/close:",
                True,
                lambda labels: labels.leave_out_class(dataset, one),
                "None of its cells is trained on or scored.",
            ),
        ):
            st.button(
                label,
                icon=icon,
                key=f"class_{label}",
                disabled=one is None or not ready,
                on_click=_apply,
                args=(dataset, how),
                help=help,
            )
        st.button(
            "All as in the dataset",
            icon=":material/undo:",
            key="class_restore",
            disabled=not (selection.labels.renamed or selection.labels.merged or selection.labels.left_out),
            on_click=_apply,
            args=(dataset, lambda labels: labels.restore_classes(dataset)),
            help="Takes back renaming, merging and leaving out; labels of single cells and new classes stay.",
        )


def _apply(dataset: Dataset, how: Callable[[LabelChanges], LabelChanges]) -> None:
    try:
        labels = how(decisions.current(dataset).labels)
    except UserError as error:
        decisions.report(error)
        return
    decisions.change(dataset, lambda before: before.with_labels(dataset, labels))
    for key in ("class_new", "class_name"):
        st.session_state[key] = ""
