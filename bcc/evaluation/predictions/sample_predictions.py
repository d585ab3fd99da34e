"""A run's answers about some rows, and what follows from them: its own split, another set, an ensemble.

Whoever answers (a run, several runs together, one run that looks several times) leaves the same thing
behind, so that every table, figure and comparison takes any of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from bcc.datasets import SPLITS
from bcc.evaluation.intervals.metric_tables import MetricTables, measure
from bcc.evaluation.metrics.classification import (
    UNKNOWN,
    about_absent,
    confusion_matrix,
    mistakes,
    per_class,
    probability_of_true,
    summary,
)
from bcc.evaluation.rows import about_split, near_copies_note, seen_before_note
from bcc.runs import Run


@dataclass(frozen=True)
class SamplePredictions:
    """Answers about some rows.

    Attributes:
        rows: int64 (M,), rows of the dataset.
        labels: int64 (M,), positions in the run's classes, -1 for a class that it never saw.
        probabilities: float32 (M, K).
        class_names: the run's K classes.
        split: which rows these are, in a few words ("test").
        notes: sentences that belong beside the numbers.
        by: who answered.
    """

    rows: np.ndarray
    labels: np.ndarray
    probabilities: np.ndarray
    class_names: tuple[str, ...]
    split: str
    notes: tuple[str, ...] = ()
    by: str = ""

    def with_probabilities(self, probabilities: np.ndarray, by: str | None = None) -> SamplePredictions:
        """The same rows answered otherwise."""
        return replace(self, probabilities=probabilities, by=self.by if by is None else by)

    @cached_property
    def overall(self) -> dict[str, float]:
        """Accuracy, macro F1 and the like."""
        return summary(self.labels, self.probabilities)

    @cached_property
    def measured(self) -> MetricTables:
        """All scores with their intervals."""
        return measure(self.labels, self.probabilities, self.class_names)

    @cached_property
    def matrix(self) -> pd.DataFrame:
        """The confusion matrix."""
        return confusion_matrix(self.labels, self.probabilities.argmax(axis=1), self.class_names)

    @cached_property
    def classes(self) -> pd.DataFrame:
        """Precision, recall, F1 and support."""
        return per_class(self.labels, self.probabilities, self.class_names)

    @cached_property
    def mistakes(self) -> pd.DataFrame:
        """What was called wrongly, the surest first."""
        return mistakes(self.labels, self.probabilities, self.class_names, self.rows)

    @cached_property
    def table(self) -> pd.DataFrame:
        """A line a row: row, true, predicted, probability, second, probability_of_second,
        probability_of_true and margin (between first and second)."""
        if not len(self.rows):
            columns = ["row", "true", "predicted", "probability", "second", "probability_of_second"]
            return pd.DataFrame(columns=[*columns, "probability_of_true", "margin"])
        order = np.argsort(-self.probabilities, axis=1, kind="stable")
        lines = np.arange(len(self.rows))
        first, second = order[:, 0], order[:, min(1, order.shape[1] - 1)]
        names = np.array([*self.class_names, UNKNOWN], dtype=object)
        sure, less = self.probabilities[lines, first], self.probabilities[lines, second]
        return pd.DataFrame(
            {
                "row": self.rows,
                "true": names[self.labels],
                "predicted": names[first],
                "probability": sure,
                "second": names[second],
                "probability_of_second": less,
                "probability_of_true": probability_of_true(self.labels, self.probabilities),
                "margin": sure - less,
            }
        )

    @property
    def least_confident(self) -> pd.DataFrame:
        """`table`, those first whose first and second guess are closest, right or wrong."""
        return self.table.sort_values("margin", kind="stable", ignore_index=True)

    @cached_property
    def confused_pairs(self) -> pd.DataFrame:
        """What is confused with what, commonest first: true, predicted, n, share (of the true class)."""
        matrix = self.matrix
        counts = matrix.to_numpy()
        wrong = counts.copy()
        np.fill_diagonal(wrong, 0)
        true, predicted = np.nonzero(wrong)
        frame = pd.DataFrame(
            {
                "true": matrix.index.to_numpy()[true],
                "predicted": matrix.columns.to_numpy()[predicted],
                "n": wrong[true, predicted],
                "share": wrong[true, predicted] / counts.sum(axis=1)[true],
            }
        )
        return frame.sort_values(["n", "share"], ascending=False, kind="stable", ignore_index=True)

    def cell(self, true: str, predicted: str) -> pd.DataFrame:
        """The answers behind one cell of the confusion matrix, the surest first."""
        chosen = self.table[(self.table["true"] == true) & (self.table["predicted"] == predicted)]
        return chosen.sort_values("probability", ascending=False, kind="stable", ignore_index=True)


def of_split(run: Run, side: str) -> SamplePredictions:
    """What the run said about one split of its own data, as it wrote down at its end."""
    part = run.read_predictions().of(SPLITS.index(side))
    names = run.class_names
    seen = run.read_json(run.dataset).get("seen_by_first_weights") or {}
    said = (
        *about_split(run, side),
        about_absent(part.labels, names),
        near_copies_note(run, side),
        seen_before_note(int(seen.get(side, 0)), len(part.rows)),
    )
    notes = tuple(note for note in said if note)
    return SamplePredictions(part.rows, part.labels, part.probabilities, names, side, notes, run.id)
