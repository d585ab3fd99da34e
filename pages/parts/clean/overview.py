"""The findings at a glance: counts per kind, and the classes before and after the selection."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from bcc.datasets import Dataset, Selection
from bcc.datasets.balance import balance_by_side
from bcc.figures import before_and_after
from bcc.quality import SavedScan, accept
from bcc.quality.review import kind_table
from pages.parts.clean import kinds, scans
from pages.parts.labelling import decisions
from pages.parts.widgets import beside, columns


def show(dataset: Dataset, selection: Selection, done: SavedScan | None) -> None:
    """Draw the overview tab."""
    if done is None:
        scans.show(dataset, done)
        return
    found, classes = beside.two(540)
    with found:
        st.subheader("What was found", anchor=False)
        _table(kind_table(done.findings, selection))
        for note in done.findings.notes:
            st.info(note, icon=":material/info:")
        _accept(dataset, selection, done)
    with classes:
        st.subheader("Classes before and after", anchor=False)
        balance = balance_by_side(
            dataset.labels,
            selection.labels.all_names(dataset),
            keep=selection.apply(dataset),
            new_labels=selection.labels.merged_positions(dataset),
        )
        st.plotly_chart(
            before_and_after(balance),
            key="clean_overview_classes",
            alt="Images per class before and after the selection",
        )
    scans.show(dataset, done)


def _table(table: pd.DataFrame) -> None:
    column = st.column_config
    table = table[table["rows"] > 0].assign(kind=lambda frame: frame["kind"].map(kinds.title))
    if table.empty:
        st.success("Nothing was found: every image looks fine.", icon=":material/check:")
        return
    st.dataframe(
        table,
        hide_index=True,
        height="content",
        key="clean_kinds",
        alt="Findings by kind: rows, share of the set, suggestions, and what is undecided",
        column_config={
            "kind": column.TextColumn("Kind", pinned=True),
            "rows": column.NumberColumn("Rows", **columns.count(), help="Rows of this kind."),
            "share": column.NumberColumn("Share", **columns.share(), help="Of the whole dataset."),
            "drop": column.NumberColumn(
                "Drop", **columns.count(), help="Rows that the scan suggests to drop."
            ),
            "review": column.NumberColumn("Review", **columns.count(), help="Rows to review."),
            "listed": column.NumberColumn(
                "Listed",
                **columns.count(),
                help="Rows without a suggestion: the check flags so many that it does not fit this dataset.",
            ),
            "undecided": column.NumberColumn("Open", **columns.count(), help="Undecided rows of this kind."),
        },
    )


def _accept(dataset: Dataset, selection: Selection, done: SavedScan) -> None:
    drop, review = (done.findings.suggested_rows(what) for what in ("drop", "review"))
    label, ready = decisions.accept_button(drop, decisions.states(selection))
    st.button(
        label,
        icon=":material/done_all:",
        type="primary",
        key="clean_accept_everything",
        disabled=not ready,
        on_click=decisions.change,
        args=(dataset, lambda before: accept(before, done.findings.frame)),
        help="Leaves out every row that any finding suggests to drop, and keeps the one of each group that "
        "is suggested to be kept. What is to be reviewed stays undecided.",
    )
    st.caption(
        f"A row can be of several kinds. {len(review):,} rows are to be reviewed: go through them under "
        "Findings, kind by kind."
    )
