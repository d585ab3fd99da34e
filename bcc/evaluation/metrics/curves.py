"""Areas under the ROC and precision-recall curves of each class against the rest, and the curves.

Equal probabilities count as one threshold, as in scikit-learn. With weights, the areas of a thousand
resamples are counted from one sorting.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

_LINES = 128
"""Resamples at once, so that the working arrays stay in the processor's cache."""


def areas(
    labels: np.ndarray, probabilities: np.ndarray, weights: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Both areas of every class.

    Args:
        labels: int64 (N,), positions in the K classes, or -1: in no class.
        probabilities: float (N, K).
        weights: float (B, N), how often each row counts; every row once when missing.

    Returns:
        `roc_area` (Fawcett 2006) and `average_precision` (the step-wise area, as scikit-learn's
        `average_precision_score`), float64 (B, K), or (K,) without weights. NaN for a class without a
        image, or (ROC) without any other.
    """
    lines = np.ones((1, len(labels)), np.float32) if weights is None else weights
    classes = probabilities.shape[1]
    roc, precision = np.full((2, len(lines), classes), np.nan)
    for label in range(classes):
        positive = labels == label
        if positive.any():
            order, starts = _thresholds(probabilities[:, label])
            for start in range(0, len(lines), _LINES):
                part = slice(start, start + _LINES)
                roc[part, label], precision[part, label] = _areas(
                    lines[part][:, order], positive[order], starts
                )
    return (roc[0], precision[0]) if weights is None else (roc, precision)


def roc_curve(labels: np.ndarray, probabilities: np.ndarray, label: int) -> pd.DataFrame:
    """False alarms against finds as the threshold falls.

    Args:
        labels, probabilities: as for `areas`.
        label: the class that counts as positive.

    Returns:
        threshold (infinite in the first line), false_positive_rate, true_positive_rate. Corners only:
        points on a straight line between two others are left out.
    """
    found, alarms, thresholds = _cumulated(labels, probabilities, label)
    keep = np.ones(len(found), bool)
    keep[1:-1] = (np.diff(found, 2) != 0) | (np.diff(alarms, 2) != 0)
    negatives, positives = max(alarms[-1], 1), max(found[-1], 1)
    return pd.DataFrame(
        {
            "threshold": thresholds[keep],
            "false_positive_rate": alarms[keep] / negatives,
            "true_positive_rate": found[keep] / positives,
        }
    )


def precision_recall_curve(labels: np.ndarray, probabilities: np.ndarray, label: int) -> pd.DataFrame:
    """Precision against recall as the threshold falls.

    Returns:
        threshold, recall, precision: a line a threshold, down to the one where all are found.
    """
    found, alarms, thresholds = _cumulated(labels, probabilities, label)
    end = int(np.searchsorted(found, found[-1])) + 1
    found, alarms, thresholds = found[1:end], alarms[1:end], thresholds[1:end]
    # Steps where only the precision falls draw the same vertical line; its ends are enough.
    keep = np.ones(len(found), bool)
    keep[1:-1] = (np.diff(found)[:-1] != 0) | (np.diff(found)[1:] != 0)
    return pd.DataFrame(
        {
            "threshold": thresholds[keep],
            "recall": (found / max(found[-1], 1))[keep] if len(found) else [],
            "precision": (found / np.maximum(found + alarms, 1))[keep],
        }
    )


def _areas(weights: np.ndarray, positive: np.ndarray, starts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Areas of one class for weights (B, N) in falling order of probability."""
    weights = weights.astype(np.float64)
    inside = weights * positive
    found_here, all_here = inside, weights
    if len(starts) < weights.shape[1]:
        found_here = np.add.reduceat(inside, starts, axis=1)
        all_here = np.add.reduceat(weights, starts, axis=1)
    found, called = np.cumsum(found_here, axis=1), np.cumsum(all_here, axis=1)
    positives, total = found[:, -1], called[:, -1]
    # Pairs in which the other image ranks higher, half of the ties.
    alarms_here = all_here - found_here
    above = (called - found) - alarms_here / 2
    pairs = positives * (total - positives)
    lost = (found_here * above).sum(axis=1)
    roc = np.divide(pairs - lost, pairs, out=np.full(len(weights), np.nan), where=pairs > 0)
    precision = np.divide(found, called, out=np.zeros_like(found), where=called > 0)
    sums = (found_here * precision).sum(axis=1)
    area = np.divide(sums, positives, out=np.full(len(weights), np.nan), where=positives > 0)
    return roc, area


def _thresholds(scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Order of falling scores, and where each run of equal ones starts in it."""
    order = np.argsort(-scores, kind="stable")
    ordered = scores[order]
    return order, np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))


def _cumulated(
    labels: np.ndarray, probabilities: np.ndarray, label: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Found and falsely called at each falling threshold, with a first one above all."""
    if not len(labels):
        return np.zeros(1), np.zeros(1), np.array([np.inf])
    order, starts = _thresholds(probabilities[:, label])
    positive = (labels == label)[order].astype(np.float64)
    ends = np.append(starts[1:], len(order)) - 1
    found = np.cumsum(positive)[ends]
    alarms = ends + 1 - found
    thresholds = probabilities[order[starts], label]
    return np.append(0, found), np.append(0, alarms), np.append(np.inf, thresholds)
