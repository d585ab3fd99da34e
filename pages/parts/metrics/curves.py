"""Metrics, "Curves": ROC and precision over recall of each class against the rest."""

from __future__ import annotations

import numpy as np
import streamlit as st

from bcc.evaluation.metrics.curves import precision_recall_curve, roc_curve
from bcc.evaluation.predictions.sample_predictions import SamplePredictions
from bcc.figures import precision_recall_curves, roc_curves
from pages.parts.widgets import downloads

KINDS = {
    "roc": ("ROC", "roc_area", roc_curve, roc_curves),
    "precision_recall": ("precision over recall", "average_precision", precision_recall_curve,
                         precision_recall_curves),
}  # fmt: skip


def show(predictions: SamplePredictions) -> None:
    """Draw the section."""
    kind = st.segmented_control(
        "Curve",
        list(KINDS),
        default="roc",
        format_func=lambda one: KINDS[one][0],
        required=True,
        key="curve",
        help="ROC: true positives against false positives. Precision-recall is more informative for "
        "rare classes.",
    )
    _, measure, curve, draw = KINDS[kind]
    table = predictions.measured.per_class
    lines = table[(table["measure"] == measure) & np.isfinite(table["value"])]
    areas = dict(zip(lines["class"], lines["value"], strict=True))
    curves = {
        name: curve(predictions.labels, predictions.probabilities, predictions.class_names.index(name))
        for name in areas
    }
    drawn = draw(curves, areas)
    st.caption("The legend shows the area under each curve, one class against all others.")
    st.plotly_chart(drawn, key="curves_of_classes", alt=f"{KINDS[kind][0]} curve of each class")
    downloads.both(drawn, lines, f"{kind}_areas")
    st.dataframe(
        lines[["class", "value", "low", "high"]],
        hide_index=True,
        key="areas",
        height="content",
        width="content",
        alt="Area of each class with its interval",
        column_config={
            "class": st.column_config.TextColumn("Class", width=190),
            "value": st.column_config.NumberColumn("Area", format="%.4f"),
            "low": st.column_config.NumberColumn("from", format="%.4f", help="Lower end of the interval."),
            "high": st.column_config.NumberColumn("to", format="%.4f", help="Upper end of the interval."),
        },
    )
