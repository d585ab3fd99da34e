"""Which rows a run was trained on, and its word on those that it was not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bcc.datasets import Dataset, among
from bcc.errors import UserError
from bcc.evaluation.class_matching import match_classes
from bcc.evaluation.evaluate import run_classes
from bcc.runs import Run


def seen_rows(run: Run, dataset: Dataset) -> np.ndarray:
    """Rows whose very pixels the run was trained on, in whatever set they turn up: bool (N,)."""
    _, train_hashes = run.read_split()
    return among(dataset.row_hashes, train_hashes)


def unseen_probabilities(
    run: Run, dataset: Dataset, predict: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """A run's probabilities in the set's classes, only for rows that it never trained on.

    Args:
        run: the run.
        dataset: its own data or any other.
        predict: rows -> float (M, classes of the run).

    Returns:
        float32 (N, K) in the order of the set's classes, rows adding up to 1; NaN where the run has seen the
        row, or does not know its class.

    Raises:
        UserError: the run has seen every row, or shares no class with the set.
    """
    matching = match_classes(dataset.class_names, run_classes(run))
    rows = np.flatnonzero(~seen_rows(run, dataset) & (matching.to_run[dataset.labels] >= 0))
    if not len(rows):
        raise UserError(
            f"Run '{run.id}' was trained on every row of {dataset.source}: its answers say nothing about the "
            "labels; take its features, or another run."
        )
    said = predict(rows)
    made = np.full((len(dataset), len(dataset.class_names)), np.nan, np.float32)
    known = np.flatnonzero(matching.to_run >= 0)
    part = np.zeros((len(rows), made.shape[1]), np.float32)
    part[:, known] = said[:, matching.to_run[known]]
    total = part.sum(axis=1, keepdims=True)
    made[rows] = np.where(total > 0, part / np.maximum(total, 1e-12), np.nan)
    return made
