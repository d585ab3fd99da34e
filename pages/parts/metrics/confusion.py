"""Metrics, "Confusion": the matrix, whose fields open the images behind them, and what is confused most."""

from __future__ import annotations

import streamlit as st

from bcc.datasets import Dataset
from bcc.evaluation.predictions.sample_predictions import SamplePredictions
from bcc.figures import confusion, label
from pages.parts.metrics import prediction_gallery
from pages.parts.state import links
from pages.parts.text import errors, formatting
from pages.parts.widgets import downloads, ink

MODES = {"counts": "images", "rows": "share of the true class", "columns": "share of the predicted class"}


@st.fragment
def show(predictions: SamplePredictions, data: Dataset | None) -> None:
    """Draw the section; `data` is `None` where the images are not here."""
    mode = st.segmented_control(
        "Numbers",
        list(MODES),
        default="counts",
        format_func=MODES.__getitem__,
        required=True,
        key="matrix",
        help="Counts, or shares: normalised by row the diagonal is recall, by column it is precision.",
    )
    if data is not None:
        st.caption("Click a cell of the matrix to see its images.")
    drawn = confusion(predictions.matrix, mode)
    picked = st.plotly_chart(
        ink.inked(drawn),
        key="confusion",
        on_select="rerun",
        selection_mode="points",
        alt="Confusion matrix: true classes down, predicted across",
    )
    downloads.both(drawn, predictions.matrix, "confusion_matrix", index=True)
    points = picked["selection"]["points"] if picked else []
    if points:
        # The figure's names are written so that plotly obeys none of their letters.
        names = {label(name): str(name) for name in (*predictions.matrix.index, *predictions.matrix.columns)}
        true, called = names[str(points[0]["y"])], names[str(points[0]["x"])]
        behind = predictions.cell(true, called)
        verb = "classified correctly" if true == called else f"called {called}"
        st.subheader(f"{formatting.plain(true)}, {formatting.plain(verb)}", anchor=False)
        with errors.shown(stop=False):
            prediction_gallery.show(behind, data, "matrix_page", f"{true} predicted as {called}")
        _side_by_side(true, called, data)

    pairs = predictions.confused_pairs
    st.subheader("Most confused", anchor=False)
    if pairs.empty:
        st.success("No class is confused with another on these images.", icon=":material/check:")
        return
    st.dataframe(
        formatting.table(pairs.head(12)),
        hide_index=True,
        key="pairs",
        height="content",
        width="content",
        alt="Pairs of classes that are confused most",
        column_config={
            "true": st.column_config.TextColumn("True class", width=190),
            "predicted": st.column_config.TextColumn("Predicted as", width=190),
            "n": st.column_config.NumberColumn("Images", width=90, format="localized"),
            "share": st.column_config.NumberColumn(
                "Of the class", width=110, format="percent", help="Of all images of the true class."
            ),
        },
    )
    downloads.table(pairs, "confused_pairs")
    if not points:
        _side_by_side(str(pairs["true"].iloc[0]), str(pairs["predicted"].iloc[0]), data)


def _side_by_side(one: str, other: str, data: Dataset | None) -> None:
    """Link to the two classes on the page Look-alikes, where the dataset has both."""
    if data is None or one == other or not {one, other} <= set(data.class_names):
        return
    links.link(
        "look_alikes",
        f"{formatting.plain(one)} and {formatting.plain(other)} side by side",
        links.PAGES["look_alikes"][1],
        help="What tells the two apart, and how reliable the run is on this pair.",
        data=data.fingerprint,
        one=one,
        other=other,
    )
