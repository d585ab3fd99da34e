"""Accuracy of the chosen run as one augmentation gets stronger: which invariances the run has."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from bcc.augment import Augmentation
from bcc.datasets import Dataset
from bcc.evaluation.robustness.sample import stratified_sample
from bcc.evaluation.robustness.strength_curve import STRENGTHS, strength_curve
from bcc.evaluation.rows import about_split, choose_rows, scored_splits
from bcc.figures import strength_curve as drawn_curve
from bcc.runs import RunSummary
from pages.parts.background import waiting
from pages.parts.state import loaders
from pages.parts.text import errors, formatting
from pages.parts.widgets import downloads

SAMPLE = 128
"""Images to ask about."""


def show(dataset: Dataset, summary: RunSummary, augmentation: Augmentation, seed: int) -> None:
    """Measure on request, and draw the curve."""
    values = augmentation.model_dump_json()
    key = ("curve", summary.run.id, summary.run.model.stat().st_mtime, dataset.fingerprint, values, seed)
    asked = st.button(
        "Measure the run's robustness to it",
        icon=":material/show_chart:",
        key="augment.curve",
        help=f"Accuracy of {formatting.plain(summary.title)} on up to {SAMPLE} images that it was not "
        f"trained on, from zero strength to the values above.",
    )
    if asked:
        st.session_state["augment.curve_of"] = key
    if st.session_state.get("augment.curve_of") != key:
        return
    with errors.shown(stop=False):
        curve = waiting.result_of(
            key,
            "Predicting augmented images",
            lambda report: _measured(dataset, summary, augmentation, seed, report),
        )
        drawn = drawn_curve(curve)
        st.plotly_chart(drawn, key="strength_curve", alt="Accuracy against the strength of the augmentation")
        st.caption(
            f"{int(curve['n'].iloc[0])} images. A flat line means that the run is invariant; a falling "
            f"line that it is not. The grey line is the share of images whose prediction did not change."
        )
        if dataset.fingerprint == summary.fingerprint:
            for note in about_split(summary.run, scored_splits(summary.run)[0]):
                st.caption(formatting.plain(note))
        downloads.both(drawn, curve, f"{summary.run.id}_{augmentation.name}")


def _measured(
    dataset: Dataset, summary: RunSummary, augmentation: Augmentation, seed: int, report: waiting.Report
) -> pd.DataFrame:
    unseen = choose_rows(summary.run, dataset)
    places = stratified_sample(unseen.labels, SAMPLE)
    return strength_curve(
        loaders.model_of(summary.run),
        dataset,
        unseen.rows[places],
        augmentation,
        [0.0, *STRENGTHS],
        seed=seed,
        progress=report,
        labels=unseen.labels[places],
    )
