"""A run's answers about some rows, as Metrics and Saliency need them: its own split, or any other set."""

from __future__ import annotations

import numpy as np
import streamlit as st

from bcc.datasets import Dataset
from bcc.evaluation.metrics.classification import about_absent
from bcc.evaluation.predictions.sample_predictions import SamplePredictions, of_split
from bcc.evaluation.rows import about_split, choose_rows, scored_splits
from bcc.runs import Run, is_shipped
from pages.parts.background import waiting
from pages.parts.context import chosen
from pages.parts.state import links, loaders
from pages.parts.text import formatting

OWN = "its own images"
OTHER = "the chosen dataset"

__all__ = [
    "OTHER",
    "OWN",
    "SamplePredictions",
    "about_split",
    "of_split",
    "other",
    "own",
    "scored_splits",
    "where",
]


def where(run: Run, images: bool = True) -> Dataset | None:
    """Let the person choose between the run's own data and the set in the sidebar.

    Args:
        run: the run.
        images: whether this place shows images, which the model that ships has none of.

    Returns:
        `None` for the run's own; it is also the only choice where both are the same.
    """
    shipped = images and is_shipped(run)
    other = chosen.dataset(needed=shipped)
    if shipped and other is None:
        # The built-in cells are being painted, or the link names a dataset that is not here: it says so.
        st.stop()
    if shipped and other is not None:
        st.caption(
            f"The photographs that this model was trained on do not ship: it is used on "
            f"{formatting.plain(other.source)} here."
        )
        return other
    if other is None or other.fingerprint == run.read_json(run.dataset).get("fingerprint"):
        return None
    links.rename("on", {"the chosen data set": OTHER})
    choice = st.segmented_control(
        "Images",
        [OWN, OTHER],
        default=OWN,
        required=True,
        key="on",
        bind="query-params",
        help=f"The run's own test or validation images, or those of {formatting.plain(other.source)}, "
        "the set in the sidebar. Images that the run was trained on are detected and left out.",
    )
    return other if choice == OTHER else None


def own(run: Run) -> SamplePredictions:
    """Let the person choose a split of the run's own data."""
    sides = scored_splits(run)
    side = st.segmented_control(
        "Split",
        sides,
        default=sides[0],
        required=True,
        key="split",
        bind="query-params",
        help="Test images were never used in training; validation images chose the best epoch.",
    )
    # Kept, so that what has been counted from the answers is not counted again at every click.
    key = ("own answers", run.id, run.predictions.stat().st_mtime_ns, side)
    return loaders.cached(key, lambda: of_split(run, side))


def other(run: Run, dataset: Dataset) -> SamplePredictions:
    """What the run says about another set; asked once, then remembered."""
    model = loaders.model_of(run)

    def ask(report: waiting.Report) -> SamplePredictions:
        rows = choose_rows(run, dataset)
        said: np.ndarray = model(dataset.images, rows.rows, report)
        names = run.class_names
        notes = tuple(note for note in (*rows.notes, about_absent(rows.labels, names)) if note)
        return SamplePredictions(rows.rows, rows.labels, said, names, rows.split, notes, run.id)

    key = ("answers", *run.model_version, dataset.fingerprint, dataset.class_names)
    return waiting.result_of(key, f"Predicting {dataset.source}", ask)
