"""How far a score would move on another sample of the same kind: the bootstrap.

Resamples are stratified: each has as many pictures of every true class as the set itself, drawn with
replacement, so that a rare class never vanishes from one. The intervals therefore speak of the pictures
within each class, not of how common the classes are. All scores of a page use the same resamples.

Source: Efron and Tibshirani, "An Introduction to the Bootstrap", 1993 (percentile intervals).
"""

from __future__ import annotations

import numpy as np

DRAWS = 1000
LEVEL = 0.95
"""Of the intervals."""
_MOST_NUMBERS = 40_000_000
_FEWEST_DRAWS = 200


def resamples(labels: np.ndarray, draws: int = DRAWS, seed: int = 0) -> np.ndarray:
    """How often each row is in each resample.

    Args:
        labels: int64 (N,), strata; -1 is one of its own.
        draws: resamples; fewer (200 at least) where a set is so large that they would fill the memory.
        seed: of all draws.

    Returns:
        float32 (draws + 1, N), whole numbers. The first line is the set itself: all ones.
    """
    labels = np.asarray(labels)
    n = len(labels)
    draws = max(min(draws, _FEWEST_DRAWS), min(draws, _MOST_NUMBERS // max(n, 1)))
    rng = np.random.default_rng(seed)
    weights = np.ones((draws + 1, n), np.float32)
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        # One count over (draw, row) at once: numpy has no quicker multinomial of equal chances.
        drawn = rng.integers(0, len(rows), (draws, len(rows)))
        drawn += np.arange(draws)[:, None] * len(rows)
        counts = np.bincount(drawn.ravel(), minlength=draws * len(rows))
        weights[1:, rows] = counts.reshape(draws, len(rows))
    return weights


def interval(values: np.ndarray, level: float = LEVEL) -> tuple[np.ndarray, np.ndarray]:
    """Percentile interval over the first axis, which holds the set itself and then the resamples.

    Args:
        values: float (draws + 1, ...); NaN where a resample has no such score.
        level: share of resamples inside.

    Returns:
        Lower and upper end, each (...): NaN where the set itself has no such score.
    """
    drawn = np.sort(values[1:], axis=0)
    known = np.isfinite(drawn).sum(axis=0)
    ends = []
    for share in ((1 - level) / 2, (1 + level) / 2):
        # NaN sorts last; linear between neighbours as numpy.nanquantile does, which is far slower.
        place = share * np.maximum(known - 1, 0)
        below = np.floor(place).astype(np.int64)
        above = np.minimum(below + 1, np.maximum(known - 1, 0))
        low = np.take_along_axis(drawn, below[None], axis=0)[0]
        high = np.take_along_axis(drawn, above[None], axis=0)[0]
        ends.append(np.where(known > 0, low + (place - below) * (high - low), np.nan))
    there = np.isfinite(values[0])
    return np.where(there, ends[0], np.nan), np.where(there, ends[1], np.nan)


def exact_bounds(right: np.ndarray, n: np.ndarray, level: float = LEVEL) -> tuple[np.ndarray, np.ndarray]:
    """Clopper-Pearson bounds where all of n or none are right, which no resample can tell from certainty.

    Args:
        right: share that is right, (...); only 0 and 1 get bounds.
        n: of how many, (...).

    Returns:
        Lower and upper bound: NaN where the share is neither 0 nor 1 (`right` all: the lower one is
        (alpha / 2) ** (1 / n)).
    """
    n = np.asarray(n, np.float64)
    end = ((1 - level) / 2) ** (1 / np.maximum(n, 1))
    low = np.where((right == 1) & (n > 0), end, np.where((right == 0) & (n > 0), 0.0, np.nan))
    high = np.where((right == 0) & (n > 0), 1 - end, np.where((right == 1) & (n > 0), 1.0, np.nan))
    return low, high
