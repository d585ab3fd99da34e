"""Several answers about the same images become one: mean of probabilities or of logits, weighted or not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from bcc.evaluation.calibration.temperature import FEWEST_ROWS, log_probabilities

Mean = Literal["probabilities", "logits"]
"""What is averaged. The mean of logits is a geometric mean of probabilities, made to add up to 1."""


def combine(
    said: Sequence[np.ndarray],
    mean: Mean = "probabilities",
    weights: Sequence[float] | np.ndarray | None = None,
) -> np.ndarray:
    """The weighted mean of answers.

    Args:
        said: M arrays float (N, K), rows adding up to 1.
        mean: of probabilities or of logits.
        weights: M, 0 or more, adding up to 1; equal ones when missing.

    Returns:
        float32 (N, K), rows adding up to 1.
    """
    shares = np.full(len(said), 1 / len(said)) if weights is None else np.asarray(weights, np.float64)
    total = np.zeros(said[0].shape)
    for share, one in zip(shares, said, strict=True):
        total += share * (np.asarray(one, np.float64) if mean == "probabilities" else log_probabilities(one))
    if mean == "logits" and len(total):
        total = np.exp(total - total.max(axis=1, keepdims=True))
    result: np.ndarray = (total / total.sum(axis=1, keepdims=True)).astype(np.float32)
    return result


def fit_weights(labels: np.ndarray, said: Sequence[np.ndarray], mean: Mean = "probabilities") -> np.ndarray:
    """The weights with the lowest log loss of the combination, on rows that nobody was trained on.

    The log loss is convex in the weights for either mean.

    Args:
        labels: int64 (N,); rows labelled -1 are left out.
        said: M arrays float (N, K).
        mean: as for `combine`.

    Returns:
        float64 (M,), 0 or more, adding up to 1; equal where there are too few rows to fit on.
    """
    known = np.flatnonzero(labels >= 0)
    count = len(said)
    equal = np.full(count, 1 / count)
    if len(known) < FEWEST_ROWS or count == 1:
        return equal
    labels = labels[known]
    if mean == "probabilities":
        given = np.stack([np.asarray(one, np.float64)[known, labels] for one in said], axis=1)
        return _mixture(np.maximum(given, np.finfo(np.float32).tiny))
    logits = np.stack([log_probabilities(one[known]) for one in said])
    return _logit_weights(labels, logits, equal)


def _mixture(given: np.ndarray, steps: int = 500) -> np.ndarray:
    """Weights of a mixture by expectation maximisation: each step raises the likelihood.

    Args:
        given: float (N, M), what each member gave to the true class.
    """
    weights = np.full(given.shape[1], 1 / given.shape[1])
    for _ in range(steps):
        parts = weights * given
        following = (parts / parts.sum(axis=1, keepdims=True)).mean(axis=0)
        if np.abs(following - weights).max() < 1e-9:
            break
        weights = following
    result: np.ndarray = weights / weights.sum()
    return result


def _logit_weights(labels: np.ndarray, logits: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Weights of a mean of logits (M, N, K) by sequential quadratic programming on the simplex."""
    from scipy.optimize import minimize

    lines = np.arange(len(labels))
    own = logits[:, lines, labels]

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        mixed = np.tensordot(weights, logits, axes=1)
        highest = mixed.max(axis=1, keepdims=True)
        powers = np.exp(mixed - highest)
        sums = powers.sum(axis=1, keepdims=True)
        chances = powers / sums
        value = (np.log(sums[:, 0]) + highest[:, 0] - mixed[lines, labels]).mean()
        slope = ((logits * chances).sum(axis=2) - own).mean(axis=1)
        return float(value), slope

    found = minimize(
        loss, start, jac=True, method="SLSQP", bounds=[(0, 1)] * len(start),
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1, "jac": lambda w: np.ones_like(w)},
    )  # fmt: skip
    weights = np.clip(found.x, 0, 1)
    better = loss(weights / weights.sum())[0] <= loss(start)[0]
    return weights / weights.sum() if better else start
