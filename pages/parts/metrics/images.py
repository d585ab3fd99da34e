"""Metrics, "Images": the surest mistakes, and the answers that nearly went another way."""

from __future__ import annotations

import streamlit as st

from bcc.datasets import Dataset, with_files
from bcc.evaluation.predictions.sample_predictions import SamplePredictions
from pages.parts.metrics import mistakes, prediction_gallery
from pages.parts.text import errors
from pages.parts.widgets import downloads


def show(predictions: SamplePredictions, data: Dataset | None) -> None:
    """Draw the section; `data` is `None` where the images are not here."""
    which = st.segmented_control(
        "Which",
        ["surest mistakes", "least sure"],
        default="surest mistakes",
        required=True,
        key="which_pictures",
        help="Confident mistakes; or predictions whose first and second class are nearly equal, right "
        "or wrong.",
    )
    with errors.shown(stop=False):
        if which == "least sure":
            prediction_gallery.show(
                predictions.least_confident.head(480), data, "unsure_page", "Least confident images"
            )
            downloads.table(
                with_files(predictions.least_confident, data.files if data else None), "least_confident"
            )
            return
        if data is None:
            prediction_gallery.not_here()
        else:
            mistakes.show(predictions.mistakes, data)
        downloads.table(with_files(predictions.mistakes, data.files if data else None), "mistakes")
