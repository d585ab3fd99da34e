"""Two sets of answers in detail: differences, McNemar, and the images that one of them gets right."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from bcc.datasets import Dataset, with_files
from bcc.evaluation.comparison import Comparison
from bcc.evaluation.intervals.metric_tables import OVERALL
from bcc.figures.colours import class_colours
from pages.parts.text import formatting
from pages.parts.widgets import columns, downloads, gallery


def show(result: Comparison, data: Dataset) -> None:
    """Draw the verdict, the table of differences and the images."""
    st.markdown(formatting.plain(result.sentence))
    table, about = st.columns([9, 4], gap="medium")
    with table:
        shown = result.measures.assign(measure=[OVERALL[name][0] for name in result.measures["measure"]])
        score = columns.number("%.4f", 90)
        st.dataframe(
            shown,
            hide_index=True,
            key="differences",
            height="content",
            alt="Scores of both and their differences",
            column_config={
                "measure": st.column_config.TextColumn("Score", width=150, pinned=True),
                "first": st.column_config.NumberColumn(result.first, **score),
                "second": st.column_config.NumberColumn(result.second, **score),
                "difference": st.column_config.NumberColumn("Difference", format="%+.4f", width=90),
                "low": st.column_config.NumberColumn("from", format="%+.4f", width=80),
                "high": st.column_config.NumberColumn("to", format="%+.4f", width=80),
            },
        )
        downloads.table(result.measures, "differences")
    with about:
        st.caption(
            f"Of {result.n:,} images. The interval of a difference ({result.level:.0%}) takes into "
            f"account what each image contributes to both scores. McNemar's test uses only images that "
            f"one gets right and the other wrong: how often would two equally good models differ as much "
            f"by chance? " + ("Computed exactly." if result.exact else "Chi-squared approximation.")
        )
    _images(result, data)


@st.fragment
def _images(result: Comparison, data: Dataset) -> None:
    counts = {
        "only first": (f"only {result.first} right", result.only_first),
        "only second": (f"only {result.second} right", result.only_second),
        "neither": ("both wrong", result.neither),
        "both": ("both right", result.both),
    }
    case = st.segmented_control(
        "Images",
        list(counts),
        default="only first",
        format_func=lambda one: f"{counts[one][0]} · {counts[one][1]:,}",
        required=True,
        key="case",
        help="Which images to show; the most confident predictions first. Under each: its true class, "
        "then both predictions.",
    )
    rows = result.rows[result.rows["case"] == case]
    rows = rows.assign(surest=rows[["probability_first", "probability_second"]].max(axis=1))
    _gallery(rows.sort_values("surest", ascending=False, kind="stable"), data)
    downloads.table(with_files(result.rows, data.files), "row_by_row")


def _gallery(rows: pd.DataFrame, data: Dataset) -> None:
    if rows.empty:
        st.info("There are no such images.", icon=":material/check:")
        return
    colours = class_colours(data.class_names)
    shown = rows.iloc[gallery.paged(range(len(rows)), "duel_page", per_page=24)]
    cards = [
        gallery.Card(
            (data.images[one.row],),
            str(one.true),
            f"1st: {one.first} {formatting.share(one.probability_first)} · "
            f"2nd: {one.second} {formatting.share(one.probability_second)} · {formatting.row(data, one.row)}",
            colours.get(one.true, ""),
            f"Row {one.row}: {one.true}; the first predicts {one.first}, the second {one.second}",
        )
        for one in shown.itertuples()
    ]
    gallery.show(cards, "Images and both predictions", width=150)
