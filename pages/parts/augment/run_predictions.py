"""Predictions of the chosen run for augmented cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from bcc.datasets import Dataset
from bcc.runs import RunSummary
from pages.parts.augment import grid
from pages.parts.state import loaders
from pages.parts.text import formatting


def wanted(summary: RunSummary | None) -> bool:
    """Offer predictions where the chosen run has a model."""
    if summary is None or not summary.has_model:
        st.caption("Choose a run on the left to see its prediction of each augmented cell.")
        return False
    return st.toggle(
        "Show predictions",
        key="ask",
        persist_state="session",
        help=f"What {formatting.plain(summary.title)} "
        "predicts for each cell, with its confidence. Cells whose prediction changes are framed.",
    )


@dataclass(frozen=True)
class Opinions:
    """Predictions for augmented cells.

    Attributes:
        originals: the prediction for each original cell, as HTML.
        lines: the same for every row of augmented cells.
        flipped: bool (L, N), where the predicted class has changed.
    """

    originals: list[str]
    lines: list[list[str]]
    flipped: np.ndarray


def about(summary: RunSummary, dataset: Dataset, rows: np.ndarray, images: np.ndarray) -> Opinions:
    """Predict original and augmented cells.

    Args:
        rows: int (N,), rows of the original cells.
        images: uint8 (L, N, H, W, 3), the augmented cells.
    """
    names = summary.run.class_names
    predict = loaders.model_of(summary.run)
    before = loaders.cached(
        ("said", summary.run.id, summary.run.model.stat().st_mtime, dataset.fingerprint, rows.tobytes()),
        lambda: predict(dataset.images, rows),
    )
    after = predict(images.reshape(-1, *images.shape[2:])).reshape(*images.shape[:2], -1)
    flipped = after.argmax(axis=-1) != before.argmax(axis=-1)
    return Opinions(
        [_said(answer, names) for answer in before],
        [
            [_said(answer, names, bool(other)) for answer, other in zip(*line, strict=True)]
            for line in zip(after, flipped, strict=True)
        ],
        flipped,
    )


def _said(probabilities: np.ndarray, names: tuple[str, ...], changed: bool = False) -> str:
    best = int(probabilities.argmax())
    return grid.line(f"{names[best]} {probabilities[best]:.0%}", strong=changed)
