"""Whether the probabilities can be believed, and what happens when unsure answers are held back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

BINS = 15
"""As in Guo et al. 2017."""

Binning = Literal["equal_width", "equal_count"]


def reliability(
    confidence: np.ndarray, right: np.ndarray, bins: int = BINS, binning: Binning = "equal_width"
) -> pd.DataFrame:
    """How often answers of each confidence are right.

    Args:
        confidence: float (N,), 0..1: the probability given to an answer.
        right: bool (N,), whether it was right.
        bins: groups of answers.
        binning: groups as wide as one another in confidence, or with as many answers each ("adaptive":
            Nguyen and O'Connor 2015).

    Returns:
        low, high (edges of the group), n, confidence (mean), accuracy: a line for each group that holds
        a prediction.
    """
    confidence = np.asarray(confidence, np.float64)
    n = len(confidence)
    columns = ["low", "high", "n", "confidence", "accuracy"]
    if n == 0:
        return pd.DataFrame(columns=columns, dtype=np.float64)
    if binning == "equal_width":
        # Groups are open below and closed above, so that a confidence of exactly 1 is in the last.
        group = np.clip(np.ceil(confidence * bins).astype(np.int64) - 1, 0, bins - 1)
        low, high = np.arange(bins) / bins, (np.arange(bins) + 1) / bins
    else:
        bins = min(bins, n)
        rank = np.empty(n, np.int64)
        rank[np.argsort(confidence, kind="stable")] = np.arange(n)
        group = rank * bins // n
        low = np.array([confidence[group == g].min() for g in range(bins)])
        high = np.array([confidence[group == g].max() for g in range(bins)])
    counts = np.bincount(group, minlength=bins)
    held = counts > 0
    mean = np.bincount(group, confidence, minlength=bins)[held] / counts[held]
    accuracy = np.bincount(group, np.asarray(right, np.float64), minlength=bins)[held] / counts[held]
    return pd.DataFrame(
        {
            "low": low[held], "high": high[held], "n": counts[held], "confidence": mean,
            "accuracy": accuracy,
        },
        columns=columns,
    )  # fmt: skip


def gap(table: pd.DataFrame) -> float:
    """Mean distance of confidence and accuracy over the groups of `reliability`, weighted by their size."""
    if table.empty:
        return float("nan")
    return float((table["n"] * (table["confidence"] - table["accuracy"]).abs()).sum() / table["n"].sum())


def expected_calibration_error(
    labels: np.ndarray, probabilities: np.ndarray, bins: int = BINS, binning: Binning = "equal_width"
) -> float:
    """Mean distance between how sure answers are and how often they are right (Guo et al. 2017).

    Args:
        labels: int64 (N,), positions in the K classes, or -1, where every answer is wrong.
        probabilities: float (N, K).

    Returns:
        0..1, 0 is best; NaN without rows.
    """
    return gap(reliability(*top_predictions(labels, probabilities), bins, binning))


def class_calibration_errors(labels: np.ndarray, probabilities: np.ndarray, bins: int = BINS) -> np.ndarray:
    """The same for each class's own probability, in all rows: float64 (K,) (Kull et al. 2019)."""
    errors = [
        gap(reliability(probabilities[:, label], labels == label, bins))
        for label in range(probabilities.shape[1])
    ]
    return np.array(errors)


def brier_score(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Mean squared distance of the probabilities from the truth, summed over classes: 0..2 (Brier 1950)."""
    if not len(labels):
        return float("nan")
    truth = labels[:, None] == np.arange(probabilities.shape[1])
    return float(((probabilities.astype(np.float64) - truth) ** 2).sum(axis=1).mean())


def top_predictions(labels: np.ndarray, probabilities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How sure each answer is, float64 (N,), and whether it is right, bool (N,)."""
    if not len(labels):
        return np.zeros(0), np.zeros(0, bool)
    return probabilities.max(axis=1).astype(np.float64), probabilities.argmax(axis=1) == labels


def risk_coverage(labels: np.ndarray, probabilities: np.ndarray) -> pd.DataFrame:
    """What is left, and how often it is right, when answers below a threshold are held back.

    (Geifman and El-Yaniv, "Selective classification for deep neural networks", 2017.)

    Returns:
        threshold (falling), coverage (share of answers that are given, 0..1), accuracy and risk of
        those, n (how many): a line for each different confidence.
    """
    confidence, right = top_predictions(labels, probabilities)
    if not len(confidence):
        return pd.DataFrame(columns=["threshold", "coverage", "accuracy", "risk", "n"], dtype=np.float64)
    order = np.argsort(-confidence, kind="stable")
    ordered = confidence[order]
    ends = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True))
    n = ends + 1
    accuracy = np.cumsum(right[order])[ends] / n
    return pd.DataFrame(
        {
            "threshold": ordered[ends],
            "coverage": n / len(confidence),
            "accuracy": accuracy,
            "risk": 1 - accuracy,
            "n": n,
        }
    )


def area_under_risk_coverage(curve: pd.DataFrame) -> float:
    """Mean risk over all coverages, 0..1, lower is better: the area under `risk_coverage`."""
    if curve.empty:
        return float("nan")
    given = np.diff(np.append(0, curve["n"]))
    return float((curve["risk"] * given).sum() / given.sum())


@dataclass(frozen=True)
class Abstention:
    """Hold back the answers that are less sure than a threshold.

    Attributes:
        threshold: least confidence of an answer that is given, 0..1.
        coverage: share of answers that are given, 0..1.
        accuracy: of those; NaN where none is given.
        n: how many are given.
    """

    threshold: float
    coverage: float
    accuracy: float
    n: int


def threshold_for(labels: np.ndarray, probabilities: np.ndarray, wanted: float) -> Abstention | None:
    """The lowest threshold above which at least the wanted share of answers is right.

    Choose it on validation rows and look at others (`abstaining`): on the rows that it was chosen on
    it flatters.

    Args:
        wanted: accuracy of the answers that are given, 0..1.

    Returns:
        `None` where no threshold gets there.
    """
    curve = risk_coverage(labels, probabilities)
    enough = curve[curve["accuracy"] >= wanted - 1e-12]
    if enough.empty:
        return None
    line = enough.iloc[-1]
    return Abstention(
        float(line["threshold"]), float(line["coverage"]), float(line["accuracy"]), int(line["n"])
    )


def abstaining(labels: np.ndarray, probabilities: np.ndarray, threshold: float) -> Abstention:
    """What a threshold does on some rows."""
    confidence, right = top_predictions(labels, probabilities)
    given = confidence >= threshold
    n = int(given.sum())
    accuracy = float(right[given].mean()) if n else float("nan")
    return Abstention(threshold, n / max(len(confidence), 1), accuracy, n)
