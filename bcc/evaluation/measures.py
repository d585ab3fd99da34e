"""Scores that follow from confusion counts alone, for one matrix or for a thousand resampled ones at once.

Counts are those of `bcc.evaluation.metrics`: true classes down with a last line for labels of -1, predicted
classes across. A division by zero gives 0, as in scikit-learn with `zero_division=0`.
"""

from __future__ import annotations

import numpy as np


def overall_measures(counts: np.ndarray) -> dict[str, np.ndarray]:
    """Scores of all classes together.

    The means over classes (`macro_...`) count the classes that occur among labels or predictions, as
    scikit-learn's do; `balanced_accuracy`, the mean recall, those among the labels.

    Args:
        counts: (..., K + 1, K).

    Returns:
        accuracy, balanced_accuracy, macro_precision, macro_f1, macro_specificity (0..1), cohen_kappa
        (Cohen 1960) and matthews (Gorodkin 2004), both -1..1: each (...). NaN without any row.
    """
    counts = np.asarray(counts, np.float64)
    right, support, predicted, n = _margins(counts)
    occurs = support + predicted > 0
    by_class = class_measures(counts, with_unknown=True)
    total = n[..., None]
    chance = (support * predicted).sum(axis=-1)
    agreed = right.sum(axis=-1)
    spread = np.sqrt((n**2 - (predicted**2).sum(axis=-1)) * (n**2 - (support**2).sum(axis=-1)))
    known = occurs[..., :-1]
    measures = {
        "accuracy": _divided(agreed, n),
        "balanced_accuracy": _mean(by_class["recall"], support > 0),
        "macro_precision": _mean(by_class["precision"], occurs),
        "macro_f1": _mean(by_class["f1"], occurs),
        "macro_specificity": _mean(by_class["specificity"][..., :-1], known),
        "cohen_kappa": _divided(agreed * n - chance, n**2 - chance, np.nan),
        "matthews": _divided(agreed * n - chance, spread),
    }
    return {name: np.where(total[..., 0] > 0, values, np.nan) for name, values in measures.items()}


def class_measures(counts: np.ndarray, *, with_unknown: bool = False) -> dict[str, np.ndarray]:
    """Scores of each class against all others.

    Args:
        counts: (..., K + 1, K).
        with_unknown: also for the rows labelled -1, as one class more.

    Returns:
        precision, recall, f1, specificity (0..1), cohen_kappa and matthews of the class against the
        rest: each (..., K), or (..., K + 1).
    """
    counts = np.asarray(counts, np.float64)
    right, support, predicted, n = _margins(counts)
    n = n[..., None]
    wrongly = predicted - right
    missed = support - right
    neither = n - support - wrongly
    product = np.sqrt(predicted * support * (n - support) * (n - predicted))
    expected = predicted * support + (n - predicted) * (n - support)
    measures = {
        "precision": _divided(right, predicted),
        "recall": _divided(right, support),
        "f1": _divided(2 * right, support + predicted),
        "specificity": _divided(neither, n - support),
        "cohen_kappa": _divided((right + neither) * n - expected, n**2 - expected, np.nan),
        "matthews": _divided(right * neither - wrongly * missed, product),
    }
    return measures if with_unknown else {name: values[..., :-1] for name, values in measures.items()}


def resampled_counts(
    labels: np.ndarray, predicted: np.ndarray, classes: int, weights: np.ndarray
) -> np.ndarray:
    """Confusion counts of each resample.

    Args:
        labels: int64 (N,), -1 for another class.
        predicted: int64 (N,).
        classes: K.
        weights: float32 (B, N), how often each row counts.

    Returns:
        float64 (B, K + 1, K).
    """
    field = np.where(labels < 0, classes, labels) * classes + predicted
    # Most fields are empty: only those that occur are summed.
    occurring, place = np.unique(field, return_inverse=True)
    inside = np.zeros((len(labels), len(occurring)), np.float32)
    inside[np.arange(len(labels)), place] = 1
    counts = np.zeros((len(weights), (classes + 1) * classes))
    counts[:, occurring] = np.rint(weights @ inside)
    return counts.reshape(len(weights), classes + 1, classes)


def _margins(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Right, support and predicted of each of K + 1 classes, (..., K + 1), and the number of rows."""
    right = np.diagonal(counts[..., :-1, :], axis1=-2, axis2=-1)
    nothing = np.zeros((*counts.shape[:-2], 1))
    right = np.concatenate([right, nothing], axis=-1)
    predicted = np.concatenate([counts.sum(axis=-2), nothing], axis=-1)
    return right, counts.sum(axis=-1), predicted, counts.sum(axis=(-2, -1))


def _divided(upper: np.ndarray, lower: np.ndarray, otherwise: float = 0.0) -> np.ndarray:
    upper, lower = np.broadcast_arrays(np.asarray(upper, np.float64), np.asarray(lower, np.float64))
    # Differences of large products that should be 0 stay 0: they are whole numbers below 2 ** 53.
    return np.divide(upper, lower, out=np.full(upper.shape, otherwise), where=lower != 0)


def _mean(values: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    return _divided((values * chosen).sum(axis=-1), chosen.sum(axis=-1))
