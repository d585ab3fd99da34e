"""Metrics, "Scores": all scores with intervals, overall and per class."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from bcc.datasets import Dataset
from bcc.evaluation.intervals.metric_tables import OVERALL, PER_CLASS
from bcc.evaluation.metrics.by_group import scores_by_group
from bcc.evaluation.metrics.classification import about_absent
from bcc.evaluation.predictions.sample_predictions import SamplePredictions
from bcc.figures import score_intervals
from pages.parts.text import formatting
from pages.parts.widgets import columns, downloads


def show(predictions: SamplePredictions, data: Dataset | None) -> None:
    """Draw the section; `data` is `None` where the images are not here."""
    measured = predictions.measured
    st.caption(f"In brackets: {measured.about_intervals}")
    st.subheader("Classes", anchor=False)
    name = st.segmented_control(
        "Score",
        list(PER_CLASS),
        default="f1",
        format_func=lambda one: PER_CLASS[one][0],
        required=True,
        key="score",
        help="The score to show per class.",
    )
    title, about = PER_CLASS[name]
    lines = measured.per_class[measured.per_class["measure"] == name]
    bars, text = st.columns([3, 2], gap="large")
    with bars:
        st.caption(about)
        drawn = score_intervals(lines, title)
        st.plotly_chart(drawn, key="class_scores", alt=f"{title} of each class with its interval")
        downloads.both(drawn, lines, f"{name}_per_class")
    with text:
        st.caption("All images together")
        st.dataframe(
            _overall(measured.overall),
            hide_index=True,
            key="overall_table",
            height="content",
            alt="Overall scores with intervals",
            column_config={"score": st.column_config.TextColumn("Score", pinned=True), "value": "Value"},
        )
        downloads.table(measured.overall, "overall_scores")
    st.caption("All scores of all classes")
    wide = measured.wide()
    st.dataframe(
        wide,
        hide_index=True,
        key="score_table",
        height="content",
        alt="Scores of each class",
        column_config={
            "class": st.column_config.TextColumn("Class", pinned=True, width=162),
            "support": st.column_config.NumberColumn(
                "Images", format="localized", width=68, help="Images of the class."
            ),
            **{
                one: st.column_config.NumberColumn(
                    "Kappa" if one == "cohen_kappa" else heading,
                    format="%.3f" if one in ("cohen_kappa", "matthews") else "percent",
                    width=73,
                    help=said,
                )
                for one, (heading, said) in PER_CLASS.items()
            },
        },
    )
    downloads.table(measured.per_class, "scores_per_class")
    if absent := about_absent(predictions.labels, predictions.class_names):
        st.caption(formatting.plain(absent))
    if data is not None and data.columns:
        _by_column(predictions, data)


def _by_column(predictions: SamplePredictions, data: Dataset) -> None:
    """Draw scores per value of a column of the dataset."""
    st.subheader("By patient, slide or any other column", anchor=False)
    column = st.selectbox(
        "Column",
        list(data.columns),
        index=None,
        placeholder="Choose a column",
        format_func=formatting.plain,
        key="score_column",
        width=280,
        help="Scores and calibration of each of its values by itself.",
    )
    if column is None:
        return
    values = data.columns[column]
    table = scores_by_group(
        predictions.labels, predictions.probabilities, [values[row] for row in predictions.rows]
    )
    number = st.column_config.NumberColumn
    st.dataframe(
        formatting.table(table),
        hide_index=True,
        key="score_groups",
        height="content",
        alt=f"Scores per value of {column}",
        column_config={
            "group": st.column_config.TextColumn(column, pinned=True),
            "n": number("Images", **columns.count()),
            "accuracy": number("Accuracy", **columns.share()),
            "low": number("From", **columns.share(), help="95 % interval of the accuracy (Wilson)."),
            "high": number("To", **columns.share(), help="95 % interval of the accuracy (Wilson)."),
            "macro_f1": number("Macro F1", **columns.share(), help="Over the classes that the group has."),
            "balanced_accuracy": number(
                "Balanced", **columns.share(), help="Mean recall over those classes."
            ),
            "expected_calibration_error": number(
                "Calibration error",
                **columns.number("%.3f"),
                help="0 is perfect; of the uncalibrated confidence.",
            ),
            "classes": number("Classes", **columns.count()),
        },
    )
    downloads.table(table, "scores_by_group")


def _overall(table: pd.DataFrame) -> pd.DataFrame:
    """The overall scores as text: one column of values with their intervals."""
    shown = table[["measure"]].assign(
        score=[OVERALL[name][0] for name in table["measure"]],
        value=[
            formatting.with_interval(
                line.value, line.low, line.high, line.measure not in formatting.NO_SHARES
            )
            for line in table.itertuples()
        ],
    )
    return shown[["score", "value"]]
