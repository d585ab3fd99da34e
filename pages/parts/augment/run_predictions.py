"""What the chosen run says about changed cells."""

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
    """Let the person ask the run, where one is chosen that can answer."""
    if summary is None or not summary.has_model:
        st.caption("Choose a run on the left to see its prediction of each augmented cell.")
        return False
    return st.toggle(
        "Show predictions",
        key="ask",
        persist_state="session",
        help=f"What {formatting.plain(summary.run.id)} "
        "predicts for each cell, with its confidence. Cells whose prediction changes are framed.",
    )


@dataclass(frozen=True)
class Opinions:
    """Answers about changed cells.

    Attributes:
        originals: what the run says about each cell as it is, as HTML.
        lines: the same for every line of changed cells.
        flipped: bool (L, N), where the first class is another than before.
    """

    originals: list[str]
    lines: list[list[str]]
    flipped: np.ndarray


def about(summary: RunSummary, dataset: Dataset, rows: np.ndarray, images: np.ndarray) -> Opinions:
    """Ask the run.

    Args:
        rows: int (N,), the cells as they are.
        images: uint8 (L, N, H, W, 3), changed.
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
