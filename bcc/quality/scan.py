"""Run the checks over a dataset and collect their findings."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
import pandas as pd

from bcc.datasets import Dataset
from bcc.errors import UserError
from bcc.quality.appearance import only_list_too_many
from bcc.quality.context import Check, Progress, ScanContext
from bcc.quality.doubtful_labels import DoubtfulLabels
from bcc.quality.exact_duplicates import ExactDuplicates
from bcc.quality.findings import KINDS, Findings
from bcc.quality.image_faults import ImageFaults
from bcc.quality.near_duplicates import NearDuplicates
from bcc.quality.not_a_cell import NotACell
from bcc.quality.other_stain import OtherStain

WORK = {
    "exact duplicates": 0.1,
    "near duplicates": 4.0,
    "image faults": 0.2,
    "other stain": 2.0,
    "not a cell": 4.5,
    "doubtful labels": 36.0,
}
"""About how many seconds a check takes on 12,000 images, to share out the progress."""


def default_checks() -> tuple[Check, ...]:
    """All checks with their own thresholds, in the order in which they build on one another."""
    return (ExactDuplicates(), NearDuplicates(), ImageFaults(), OtherStain(), NotACell(), DoubtfulLabels())


def scan(
    dataset: Dataset,
    checks: Sequence[Check] | None = None,
    progress: Progress | None = None,
    seed: int = 0,
    features: np.ndarray | None = None,
    probabilities: np.ndarray | None = None,
) -> Findings:
    """Run all checks on a dataset.

    Args:
        dataset: the set; nothing of it is changed.
        checks: which checks to run, in this order; `default_checks()` when missing.
        progress: called with (share done in 0..1, sentence).
        seed: of every draw; the same set and seed give the same findings.
        features: float (N, F), a model's numbers for each row, used for the labels in place of the simple
            features.
        probabilities: float (N, K), the classes' probabilities from models that never trained on the row
            they speak of (NaN where there is none), used for the labels in place of the linear model.

    Raises:
        UserError: `features` or `probabilities` do not fit the set.
    """
    _check_shape("features", features, len(dataset), None)
    _check_shape("probabilities", probabilities, len(dataset), len(dataset.class_names))
    checks = default_checks() if checks is None else tuple(checks)
    progress = None if progress is None else _forward(progress)
    work = [WORK.get(check.name, 1.0) for check in checks]
    context = ScanContext(dataset, seed, features, probabilities)
    frames, seconds = [], {}
    scores: dict[str, np.ndarray] = {}
    numbers: dict[str, np.ndarray] = {}
    for position, check in enumerate(checks):
        if progress is not None:
            before, own = sum(work[:position]) / sum(work), work[position] / sum(work)
            context.progress = _part_of(progress, before, own)
            progress(before, f"Looking for {check.name}")
        started = time.perf_counter()
        suspects = context.suspects.copy()
        result = only_list_too_many(check.run(context), context, suspects)
        seconds[check.name] = time.perf_counter() - started
        frames.append(result.frame)
        scores.update(result.scores)
        numbers.update(result.numbers)
    frame = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()
    order = np.lexsort((frame["index"], frame["group"], frame["score"], frame["kind"].map(KINDS.index)))
    frame = frame.iloc[order].reset_index(drop=True)
    if progress is not None:
        progress(1.0, f"Scanned {len(dataset):,} images")
    return Findings(
        dataset.fingerprint, len(dataset), frame, pd.DataFrame(scores), pd.DataFrame(numbers), seconds
    )


def _forward(progress: Progress) -> Progress:
    """Pass progress on, never backwards."""
    reached = 0.0

    def report(share: float, sentence: str) -> None:
        nonlocal reached
        reached = max(reached, min(share, 1.0))
        progress(reached, sentence)

    return report


def _part_of(progress: Progress, before: float, own: float) -> Progress:
    return lambda share, sentence: progress(before + own * share, sentence)


def _check_shape(name: str, values: np.ndarray | None, rows: int, columns: int | None) -> None:
    if values is None:
        return
    if values.ndim != 2 or len(values) != rows or (columns is not None and values.shape[1] != columns):
        wanted = f"({rows:,}, {columns if columns is not None else 'any number'})"
        raise UserError(f"'{name}' has shape {values.shape}, expected {wanted}: one line per image.")
