"""Every score of a set of answers with its interval, overall and per class, as two frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from bcc.evaluation.intervals.confusion import against_the_rest, confusion_intervals
from bcc.evaluation.intervals.curve_areas import area_intervals
from bcc.evaluation.intervals.probabilities import log_loss_interval
from bcc.evaluation.metrics.classification import count_confusions, probability_of_true
from bcc.evaluation.metrics.from_confusion import class_measures, overall_measures
from bcc.wilson import LEVEL, wilson

OVERALL = {
    "accuracy": ("Accuracy", "Share of images classified correctly."),
    "balanced_accuracy": ("Balanced accuracy", "Mean recall of the classes: rare ones count as much."),
    "macro_f1": ("Macro F1", "Mean of the classes' F1."),
    "macro_precision": ("Macro precision", "Mean of the classes' precision."),
    "macro_specificity": ("Macro specificity", "Mean of the classes' specificity."),
    "top_2": ("Top 2", "Share of the images whose class is the first or the second guess."),
    "macro_roc_area": ("Macro ROC area", "Mean of the classes' areas under the ROC curve."),
    "macro_average_precision": ("Macro PR area", "Mean of the classes' areas under precision over recall."),
    "cohen_kappa": ("Cohen's kappa", "Agreement beyond chance: 0 is chance, 1 is perfect."),
    "matthews": ("Matthews", "Correlation of answers and truth: 0 is chance, 1 is perfect."),
    "log_loss": ("Log loss", "Mean surprise in nats; lower is better, sure mistakes cost most."),
}
"""Overall scores: title and what it says."""

PER_CLASS = {
    "precision": ("Precision", "Of what was called so, this much is."),
    "recall": ("Recall", "Of the images of the class, this much was found."),
    "f1": ("F1", "Harmonic mean of precision and recall."),
    "specificity": ("Specificity", "Of all other images, this much was not called so."),
    "roc_area": ("ROC area", "Chance that an image of the class ranks above another one."),
    "average_precision": ("PR area", "Area under precision over recall."),
    "top_2": ("Top 2", "Of the class's images, this much has it as first or second guess."),
    "cohen_kappa": ("Cohen's kappa", "Agreement beyond chance, the class against the rest."),
    "matthews": ("Matthews", "Correlation with the truth, the class against the rest."),
}
"""Scores of one class: title and what it says."""


@dataclass(frozen=True)
class MetricTables:
    """Scores with intervals.

    Attributes:
        overall: a line a score: measure, value, low, high.
        per_class: a line a class and score: class, measure, value, low, high, support.
        level: of the intervals.
    """

    overall: pd.DataFrame
    per_class: pd.DataFrame
    level: float

    def wide(self) -> pd.DataFrame:
        """A line a class, a column a score, and support."""
        table = self.per_class.pivot_table(index="class", columns="measure", values="value", sort=False)
        table = table.reindex(columns=[name for name in PER_CLASS if name in table])
        support = self.per_class.drop_duplicates("class").set_index("class")["support"]
        return table.reindex(support.index).assign(support=support).reset_index()

    @property
    def about_intervals(self) -> str:
        """What the intervals are, for a person."""
        return (
            f"{self.level:.0%} intervals: where a score may lie on very many images like these. Plain "
            "shares have Wilson's interval, the others one made in the same way, so that few images "
            "without a mistake do not look like certainty."
        )


def measure(
    labels: np.ndarray,
    probabilities: np.ndarray,
    class_names: Sequence[str],
    seed: int = 0,
    level: float = LEVEL,
) -> MetricTables:
    """Count all scores, and where they may lie on very many images like these.

    Which score has which interval is decided here: plain shares have Wilson's (F1 too, whose ratio
    of right answers to right and wrong ones is a share), scores that follow from the confusion
    matrix those of `confusion_intervals`, areas those of `area_intervals`, the log loss its own. How
    often each holds was simulated (docs/evaluation.md, bench/interval_coverage.py).

    Args:
        labels: int64 (N,), positions in `class_names`, or -1 for another class, which counts as wrong.
        probabilities: float (N, K), rows adding up to 1.
        class_names: K names.
        seed: of the halves that areas are counted on again.
        level: of the intervals, 0..1.

    Returns:
        All scores of `OVERALL` and `PER_CLASS`; NaN where there is none (no image of the class).
    """
    classes = probabilities.shape[1]
    predicted = probabilities.argmax(axis=1) if len(labels) else np.zeros(0, np.int64)
    counts = count_confusions(labels, predicted, classes)
    support = counts.sum(axis=1)[:-1]
    under = area_intervals(labels, probabilities, level, seed)
    second = in_top(labels, probabilities, 2)
    whole = _overall(labels, probabilities, predicted, counts, second, level)
    for name, areas in (("roc_area", under.roc_area), ("average_precision", under.average_precision)):
        whole[f"macro_{name}"] = (_mean_of_known(areas), *under.macro[name])
    by_class = _per_class(counts, np.bincount(labels[second], minlength=classes), level)
    by_class["roc_area"] = (under.roc_area, *under.ends["roc_area"])
    by_class["average_precision"] = (under.average_precision, *under.ends["average_precision"])
    overall = pd.DataFrame(
        [
            {"measure": name, **dict(zip(("value", "low", "high"), map(float, whole[name]), strict=True))}
            for name in OVERALL
        ]
    )
    lines = [
        pd.DataFrame(
            {
                "class": list(class_names), "measure": name, "value": by_class[name][0],
                "low": by_class[name][1], "high": by_class[name][2], "support": support.astype(np.int64),
            }
        )
        for name in PER_CLASS
    ]  # fmt: skip
    return MetricTables(overall, pd.concat(lines, ignore_index=True), level)


_Line = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Value, lower and upper end."""


def _overall(
    labels: np.ndarray,
    probabilities: np.ndarray,
    predicted: np.ndarray,
    counts: np.ndarray,
    second: np.ndarray,
    level: float,
) -> dict[str, _Line]:
    """The scores of all classes together but the areas."""
    n = np.array(len(labels))
    ends = confusion_intervals(counts[None], level)
    found = {
        name: (value, ends[name][0][0], ends[name][1][0]) for name, value in overall_measures(counts).items()
    }
    share = _share(second.sum(), n)
    found["top_2"] = (share, *wilson(share, n, level))
    given = probability_of_true(labels, probabilities)
    smallest = np.finfo(given.dtype).eps
    losses = -np.log(np.clip(given, smallest, 1 - smallest), dtype=np.float64)
    guesses = np.sort(probabilities, axis=1)[:, -2:][:, 0]
    low, high = log_loss_interval(losses, predicted == labels, guesses, level)
    found["log_loss"] = (_share(losses.sum(), n), np.array(low), np.array(high))
    return found


def _per_class(counts: np.ndarray, in_two: np.ndarray, level: float) -> dict[str, _Line]:
    """The scores of each class but the areas: each (K,).

    Args:
        counts: (K + 1, K).
        in_two: images of each class that have it as first or second guess, (K,).
        level: of the intervals.
    """
    values = class_measures(counts)
    support, called, n = counts.sum(axis=1)[:-1], counts.sum(axis=0), counts.sum()
    absent = support == 0
    values["top_2"] = _share(in_two, support)
    for name in ("recall", "f1", "cohen_kappa", "matthews"):
        values[name] = np.where(absent, np.nan, values[name])
    share_of = {"precision": called, "recall": support, "specificity": n - support, "top_2": support}
    found = {name: (values[name], *wilson(values[name], of, level)) for name, of in share_of.items()}
    # F1 is 2 s / (1 + s) of the share s of right answers among right, missed and false ones.
    right = np.diagonal(counts)
    low, high = (2 * end / (1 + end) for end in wilson(
        _share(right, support + called - right), support + called - right, level
    ))  # fmt: skip
    found["f1"] = (values["f1"], np.where(absent, np.nan, low), np.where(absent, np.nan, high))
    rest = confusion_intervals(against_the_rest(counts), level)
    for name in ("cohen_kappa", "matthews"):
        low, high = (np.where(np.isnan(values[name]), np.nan, end) for end in rest[name])
        found[name] = (values[name], low, high)
    return found


def in_top(labels: np.ndarray, probabilities: np.ndarray, k: int) -> np.ndarray:
    """Whether each row's class is among its k likeliest; of equals the first counts as likelier.

    Returns:
        bool (N,); never for labels of -1.
    """
    given = probability_of_true(labels, probabilities)[:, None]
    before = np.arange(probabilities.shape[1])[None] < labels[:, None]
    ahead = (probabilities > given) | ((probabilities == given) & before)
    result: np.ndarray = (labels >= 0) & (ahead.sum(axis=1) < k)
    return result


def _share(total: np.ndarray, of: np.ndarray) -> np.ndarray:
    total = np.asarray(total, np.float64)
    result: np.ndarray = np.divide(total, of, out=np.full(total.shape, np.nan), where=np.asarray(of) > 0)
    return result


def _mean_of_known(values: np.ndarray) -> np.ndarray:
    known = np.isfinite(values)
    return _share(np.where(known, values, 0).sum(axis=-1), known.sum(axis=-1))
