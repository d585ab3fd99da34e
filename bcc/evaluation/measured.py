"""Every score of a set of answers with its interval, overall and per class, as two frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from bcc.evaluation.areas import areas
from bcc.evaluation.measures import class_measures, overall_measures, resampled_counts
from bcc.evaluation.metrics import probability_of_true
from bcc.evaluation.resampling import DRAWS, LEVEL, exact_bounds, interval, resamples

OVERALL = {
    "accuracy": ("Accuracy", "Share of the pictures called right."),
    "balanced_accuracy": ("Balanced accuracy", "Mean recall of the classes: rare ones count as much."),
    "macro_f1": ("Macro F1", "Mean of the classes' F1."),
    "macro_precision": ("Macro precision", "Mean of the classes' precision."),
    "macro_specificity": ("Macro specificity", "Mean of the classes' specificity."),
    "top_2": ("Top 2", "Share of the pictures whose class is the first or the second guess."),
    "macro_roc_area": ("Macro ROC area", "Mean of the classes' areas under the ROC curve."),
    "macro_average_precision": ("Macro PR area", "Mean of the classes' areas under precision over recall."),
    "cohen_kappa": ("Cohen's kappa", "Agreement beyond chance: 0 is chance, 1 is perfect."),
    "matthews": ("Matthews", "Correlation of answers and truth: 0 is chance, 1 is perfect."),
    "log_loss": ("Log loss", "Mean surprise in nats; lower is better, sure mistakes cost most."),
}
"""Overall scores: title and what it says."""

PER_CLASS = {
    "precision": ("Precision", "Of what was called so, this much is."),
    "recall": ("Recall", "Of the pictures of the class, this much was found."),
    "f1": ("F1", "Harmonic mean of precision and recall."),
    "specificity": ("Specificity", "Of all other pictures, this much was not called so."),
    "roc_area": ("ROC area", "Chance that a picture of the class ranks above another one."),
    "average_precision": ("PR area", "Area under precision over recall."),
    "top_2": ("Top 2", "Of the class's pictures, this much has it as first or second guess."),
    "cohen_kappa": ("Cohen's kappa", "Agreement beyond chance, the class against the rest."),
    "matthews": ("Matthews", "Correlation with the truth, the class against the rest."),
}
"""Scores of one class: title and what it says."""


@dataclass(frozen=True)
class Measured:
    """Scores with intervals.

    Attributes:
        overall: a line a score: measure, value, low, high.
        per_class: a line a class and score: class, measure, value, low, high, support.
        draws: resamples behind the intervals.
        level: of the intervals.
    """

    overall: pd.DataFrame
    per_class: pd.DataFrame
    draws: int
    level: float

    def wide(self) -> pd.DataFrame:
        """A line a class, a column a score, and support."""
        table = self.per_class.pivot_table(index="class", columns="measure", values="value", sort=False)
        table = table.reindex(columns=[name for name in PER_CLASS if name in table])
        support = self.per_class.drop_duplicates("class").set_index("class")["support"]
        return table.reindex(support.index).assign(support=support).reset_index()


def measure(
    labels: np.ndarray,
    probabilities: np.ndarray,
    class_names: Sequence[str],
    draws: int = DRAWS,
    seed: int = 0,
    level: float = LEVEL,
) -> Measured:
    """Count all scores and how far they would move on another sample.

    Intervals are those of a stratified bootstrap (`bcc.evaluation.resampling`). A plain share of
    pictures that is exactly 0 or 1 (recall of a class without a mistake, say) gets its exact
    Clopper-Pearson bound instead: no resample could show a mistake.

    Args:
        labels: int64 (N,), positions in `class_names`, or -1 for another class, which counts as wrong.
        probabilities: float (N, K), rows adding up to 1.
        class_names: K names.
        draws, seed: of the resamples.
        level: of the intervals, 0..1.

    Returns:
        All scores of `OVERALL` and `PER_CLASS`; NaN where there is none (no picture of the class).
    """
    weights = resamples(labels, draws, seed)
    predicted = probabilities.argmax(axis=1) if len(labels) else np.zeros(0, np.int64)
    counts = resampled_counts(labels, predicted, probabilities.shape[1], weights)
    overall = overall_measures(counts)
    by_class = class_measures(counts)
    totals = counts.sum(axis=(-2, -1))
    support = counts.sum(axis=-1)[:, :-1]
    values = _by_row(labels, probabilities)
    sums = np.stack([weights @ column for column in values.values()])
    overall |= {name: _share(total, totals) for name, total in zip(values, sums, strict=True)}
    second = values["top_2"]
    in_class = np.stack([second * (labels == k) for k in range(len(class_names))], axis=1)
    by_class["top_2"] = _share(weights @ in_class, support)
    by_class["roc_area"], by_class["average_precision"] = areas(labels, probabilities, weights)
    for name in ("roc_area", "average_precision"):
        overall[f"macro_{name}"] = _mean_of_known(by_class[name])
    absent = support[0] == 0
    for name in ("recall", "top_2", "f1", "cohen_kappa", "matthews"):
        by_class[name] = np.where(absent, np.nan, by_class[name])

    of = {
        "accuracy": totals[0], "top_2": totals[0], "recall": support[0], "precision": counts[0].sum(axis=0),
        "specificity": totals[0] - support[0],
    }  # fmt: skip
    whole = [
        {"measure": name, **_line(overall[name], totals[0] if name in ("accuracy", "top_2") else None, level)}
        for name in OVERALL
    ]
    n_of = {**of, "top_2": support[0]}
    lines = []
    for name in PER_CLASS:
        value, low, high = _ends(by_class[name], n_of.get(name), level)
        lines.append(
            pd.DataFrame(
                {
                    "class": list(class_names), "measure": name, "value": value, "low": low, "high": high,
                    "support": support[0].astype(np.int64),
                }
            )
        )  # fmt: skip
    return Measured(pd.DataFrame(whole), pd.concat(lines, ignore_index=True), len(weights) - 1, level)


def _by_row(labels: np.ndarray, probabilities: np.ndarray) -> dict[str, np.ndarray]:
    """Scores that are means over rows."""
    given = probability_of_true(labels, probabilities)
    smallest = np.finfo(given.dtype).eps
    surprise = -np.log(np.clip(given, smallest, 1 - smallest), dtype=np.float64)
    return {"top_2": in_top(labels, probabilities, 2).astype(np.float64), "log_loss": surprise}


def in_top(labels: np.ndarray, probabilities: np.ndarray, k: int) -> np.ndarray:
    """Whether each row's class is among its k likeliest; of equals the first counts as likelier.

    Returns:
        bool (N,); never for labels of -1.
    """
    given = probability_of_true(labels, probabilities)[:, None]
    before = np.arange(probabilities.shape[1])[None] < labels[:, None]
    ahead = (probabilities > given) | ((probabilities == given) & before)
    return (labels >= 0) & (ahead.sum(axis=1) < k)


def _share(total: np.ndarray, of: np.ndarray) -> np.ndarray:
    total = np.asarray(total, np.float64)
    return np.divide(total, of, out=np.full(total.shape, np.nan), where=of > 0)


def _mean_of_known(values: np.ndarray) -> np.ndarray:
    known = np.isfinite(values)
    return _share(np.where(known, values, 0).sum(axis=-1), known.sum(axis=-1))


def _ends(
    values: np.ndarray, n: np.ndarray | None, level: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Value and interval; `n` makes it a plain share of so many."""
    low, high = interval(values, level)
    if n is not None:
        exact_low, exact_high = exact_bounds(values[0], n, level)
        low = np.where(np.isfinite(exact_low), exact_low, low)
        high = np.where(np.isfinite(exact_high), exact_high, high)
    return values[0], low, high


def _line(values: np.ndarray, n: np.ndarray | None, level: float) -> dict[str, float]:
    return dict(zip(("value", "low", "high"), map(float, _ends(values, n, level)), strict=True))
