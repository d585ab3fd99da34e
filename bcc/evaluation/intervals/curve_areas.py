"""Intervals of areas under ROC and precision-recall curves, for one class and for the mean of all.

They run through a family of true areas (`bcc.evaluation.intervals.general_scores`). How far an area moves
from sample to sample is told by a formula, which also holds where the area that was seen is 1: for ROC that
of Hanley and McNeil in Newcombe's form, for precision over recall a share of the images of the class. Where
the answers themselves move further than the formula says (long tails, classes that are mistaken together),
they are believed: their spread comes from halves of the images (the delete-half jackknife), and so does the
bias of the precision-recall area, which flatters small sets.

Sources: Newcombe, "Confidence intervals for an effect size measure based on the Mann-Whitney statistic",
2006, method 5; Boyd, Eng and Page, "Area under the precision-recall curve: point estimates and confidence
intervals", 2013; Shao and Wu, "A general theory for jackknife variance estimation", 1989.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bcc.evaluation.intervals.general_scores import along, odds_factors, shrunken_errors, with_odds
from bcc.evaluation.metrics.curves import areas
from bcc.wilson import LEVEL

HALVES = 100
FEWEST_HALVES = 20
_MOST_ROWS = 500_000
"""Of all halves together: large sets get fewer, whose formula hardly needs them."""

FLATTERY = 2.0
"""How much of what half as many images flatter more is taken from the lower end. Where the bias falls as
one over the number of images, all of them flatter by once that; with long tails it falls as the root of it,
which makes 2.4 times. Twice held best in `bench/interval_coverage.py`."""

ALIKE = 0.1
"""Least correlation between the areas of two classes: one mistake harms two of them."""

Ends = tuple[np.ndarray, np.ndarray]
Variance = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
"""Of an area, from its value, the images of the class and the others."""


@dataclass(frozen=True)
class AreaIntervals:
    """Areas with both ends.

    Attributes:
        roc_area, average_precision: of each class, float64 (K,); NaN as in `areas`.
        ends: name -> lower and upper end of each class, each (K,).
        macro: name -> lower and upper end of the mean over the classes that have one.
    """

    roc_area: np.ndarray
    average_precision: np.ndarray
    ends: dict[str, Ends]
    macro: dict[str, Ends]


def area_intervals(
    labels: np.ndarray, probabilities: np.ndarray, level: float = LEVEL, seed: int = 0
) -> AreaIntervals:
    """Both areas of every class with their intervals.

    Args:
        labels: int64 (N,), positions in the K classes, or -1: in no class.
        probabilities: float (N, K).
        level: 0..1.
        seed: of the halves.
    """
    seen = areas(labels, probabilities)
    halves = areas(labels, probabilities, half_samples(labels, seed))
    positives = np.bincount(labels[labels >= 0], minlength=probabilities.shape[1]).astype(np.float64)
    ends, macro = {}, {}
    for name, values, drawn, variance in (
        ("roc_area", seen[0], halves[0], _variance_of_roc_area),
        ("average_precision", seen[1], halves[1], _variance_of_share),
    ):
        known = np.isfinite(values)
        low, high = np.full((2, len(values)), np.nan)
        macro[name] = (np.array(np.nan), np.array(np.nan))
        if known.any():
            about = (values[known], drawn[:, known], positives[known], len(labels), variance)
            low[known], high[known] = _of_classes(*about, level)
            macro[name] = _of_mean(*about, level)
        ends[name] = (low, high)
    return AreaIntervals(seen[0], seen[1], ends, macro)


def half_samples(labels: np.ndarray, seed: int = 0) -> np.ndarray:
    """Halves of the rows, half of each class: float32 (halves, N) of 0 and 1.

    Of an odd number the half is now the smaller, now the larger one; a single row is always there.
    """
    halves = int(np.clip(_MOST_ROWS // max(len(labels), 1), FEWEST_HALVES, HALVES))
    rng = np.random.default_rng(seed)
    taken = np.zeros((halves, len(labels)), np.float32)
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        order = rng.random((halves, len(rows))).argsort(axis=1)
        many = np.maximum((len(rows) + rng.integers(0, 2, halves)) // 2, 1)
        taken[:, rows] = order < many[:, None]
    return taken


def _of_classes(
    values: np.ndarray, halves: np.ndarray, positives: np.ndarray, n: int, variance: Variance, level: float
) -> Ends:
    errors = np.clip(1 - values, 0, 1)
    steps = odds_factors(errors * positives)
    truths = 1 - with_odds((errors * positives + 0.5) / (positives + 1), steps.T).T
    others = n - positives
    own = np.nan_to_num(((halves - values) ** 2).mean(axis=0))
    wider = _wider(own, variance(values, positives, others))
    spread = np.sqrt(variance(truths, positives[:, None], others[:, None]) * wider[:, None])
    low, high = along(values, truths, spread, np.zeros(1), level)
    return _without_bias(low, halves, values), high


def _of_mean(
    values: np.ndarray, halves: np.ndarray, positives: np.ndarray, n: int, variance: Variance, level: float
) -> Ends:
    errors = np.clip(1 - values, 0, 1) * positives
    steps = odds_factors(errors.sum())
    truths = 1 - with_odds(shrunken_errors(errors, positives)[:, None], steps)
    others = n - positives

    def of_mean(several: np.ndarray) -> np.ndarray:
        together = (1 - ALIKE) * several.sum(axis=0) + ALIKE * np.sqrt(several).sum(axis=0) ** 2
        result: np.ndarray = together / len(values) ** 2
        return result

    mean, means = values.mean(), np.nan_to_num(halves, nan=1.0).mean(axis=1)
    own = ((means - mean) ** 2).mean()
    wider = _wider(own, of_mean(variance(values, positives, others)))
    spread = np.sqrt(of_mean(variance(truths, positives[:, None], others[:, None])) * wider)
    low, high = along(np.array(mean), truths.mean(axis=0), spread, np.zeros(1), level)
    return _without_bias(low, means, mean), high


def _wider(own: np.ndarray, formula: np.ndarray) -> np.ndarray:
    """How many times as large the variance of the answers is as that of the formula, at least once."""
    result: np.ndarray = np.maximum(np.divide(own, formula, out=np.ones_like(formula), where=formula > 0), 1)
    return result


def _without_bias(low: np.ndarray, halves: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The lower end, further down where an area of half as many images is higher."""
    flattered = np.maximum(np.nan_to_num(halves.mean(axis=0) - values), 0)
    result: np.ndarray = np.maximum(low - FLATTERY * flattered, 0)
    return result


def _variance_of_roc_area(area: np.ndarray, positives: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Of Hanley and McNeil, with the mean of both numbers of images in place of each (Newcombe)."""
    half = (positives + others) / 2 - 1
    alike = 1 + half * (1 - area) / (2 - area) + half * area / (1 + area)
    result: np.ndarray = area * (1 - area) * alike / (positives * others)
    return result


def _variance_of_share(area: np.ndarray, positives: np.ndarray, others: np.ndarray) -> np.ndarray:
    result: np.ndarray = area * (1 - area) / positives
    return result
