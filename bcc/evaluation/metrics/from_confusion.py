"""Scores that follow from confusion counts alone, for one matrix or for many at once.

Counts are those of `bcc.evaluation.metrics.classification`: true classes down with a last line for labels of
-1, predicted classes across. A division by zero gives 0, as in scikit-learn with `zero_division=0`.
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
    right, support, predicted = margins(counts)
    return overall_of_margins(right, support, predicted, support + predicted > 0)


def overall_of_margins(
    right: np.ndarray, support: np.ndarray, predicted: np.ndarray, occurs: np.ndarray
) -> dict[str, np.ndarray]:
    """The same from the margins of the matrix, on which they all depend.

    Args:
        right, support, predicted: of each class and of the rows labelled -1, (..., K + 1): `margins`.
        occurs: bool (..., K + 1), the classes that the means over classes count.
    """
    n = support.sum(axis=-1)
    by_class = _of_margins(right, support, predicted, n)
    chance = (support * predicted).sum(axis=-1)
    agreed = right.sum(axis=-1)
    spread = (n**2 - (predicted**2).sum(axis=-1)) * (n**2 - (support**2).sum(axis=-1))
    measures = {
        "accuracy": _divided(agreed, n),
        "balanced_accuracy": _mean(by_class["recall"], support > 0),
        "macro_precision": _mean(by_class["precision"], occurs),
        "macro_f1": _mean(by_class["f1"], occurs),
        "macro_specificity": _mean(by_class["specificity"][..., :-1], occurs[..., :-1]),
        "cohen_kappa": _divided(agreed * n - chance, n**2 - chance, np.nan),
        "matthews": _divided(agreed * n - chance, np.sqrt(np.maximum(spread, 0))),
    }
    return {name: np.where(n > 0, values, np.nan) for name, values in measures.items()}


def class_measures(counts: np.ndarray, *, with_unknown: bool = False) -> dict[str, np.ndarray]:
    """Scores of each class against all others.

    Args:
        counts: (..., K + 1, K).
        with_unknown: also for the rows labelled -1, as one class more.

    Returns:
        precision, recall, f1, specificity (0..1), cohen_kappa and matthews of the class against the
        rest: each (..., K), or (..., K + 1).
    """
    right, support, predicted = margins(counts)
    measures = _of_margins(right, support, predicted, support.sum(axis=-1))
    return measures if with_unknown else {name: values[..., :-1] for name, values in measures.items()}


def margins(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Right, support and predicted of each of K classes and of the rows labelled -1: float64 (..., K + 1).

    Args:
        counts: (..., K + 1, K).
    """
    counts = np.asarray(counts, np.float64)
    right = np.diagonal(counts[..., :-1, :], axis1=-2, axis2=-1)
    nothing = np.zeros((*counts.shape[:-2], 1))
    right = np.concatenate([right, nothing], axis=-1)
    predicted = np.concatenate([counts.sum(axis=-2), nothing], axis=-1)
    return right, counts.sum(axis=-1), predicted


def _of_margins(
    right: np.ndarray, support: np.ndarray, predicted: np.ndarray, n: np.ndarray
) -> dict[str, np.ndarray]:
    n = n[..., None]
    wrongly = predicted - right
    missed = support - right
    neither = n - support - wrongly
    product = predicted * support * (n - support) * (n - predicted)
    expected = predicted * support + (n - predicted) * (n - support)
    return {
        "precision": _divided(right, predicted),
        "recall": _divided(right, support),
        "f1": _divided(2 * right, support + predicted),
        "specificity": _divided(neither, n - support),
        "cohen_kappa": _divided((right + neither) * n - expected, n**2 - expected, np.nan),
        "matthews": _divided(right * neither - wrongly * missed, np.sqrt(np.maximum(product, 0))),
    }


def _divided(upper: np.ndarray, lower: np.ndarray, otherwise: float = 0.0) -> np.ndarray:
    upper, lower = np.broadcast_arrays(np.asarray(upper, np.float64), np.asarray(lower, np.float64))
    # Differences of large products that should be 0 stay 0: they are whole numbers below 2 ** 53.
    result: np.ndarray = np.divide(upper, lower, out=np.full(upper.shape, otherwise), where=lower != 0)
    return result


def _mean(values: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    return _divided((values * chosen).sum(axis=-1), chosen.sum(axis=-1))
