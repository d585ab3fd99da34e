"""Two sets of answers about the same rows: what differs, and whether chance alone would do that."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from bcc.errors import UserError
from bcc.evaluation.calibration.reliability import expected_calibration_error
from bcc.evaluation.intervals.confusion import difference_intervals
from bcc.evaluation.metrics.classification import UNKNOWN, count_confusions
from bcc.evaluation.metrics.from_confusion import overall_measures
from bcc.evaluation.predictions.sample_predictions import SamplePredictions
from bcc.wilson import LEVEL

EXACT_UP_TO = 1000
"""Rows on which only one is right, up to which McNemar's test is counted exactly."""


@dataclass(frozen=True)
class Comparison:
    """The second set of answers against the first.

    Attributes:
        first, second: who answered.
        n: rows.
        both, neither, only_first, only_second: rows that are right with both, with neither, with one.
        p_value: of McNemar's test: how often chance alone would make such a difference if both were
            equally good.
        exact: whether it was counted exactly (binomial) or by the chi-squared approximation.
        measures: measure, first, second, difference (second - first), low, high: paired interval.
        rows: a line a row: row, true, first, second, probability_first, probability_second, case.
        level: of the intervals.
    """

    first: str
    second: str
    n: int
    both: int
    neither: int
    only_first: int
    only_second: int
    p_value: float
    exact: bool
    measures: pd.DataFrame
    rows: pd.DataFrame
    level: float

    @property
    def sentence(self) -> str:
        """The difference in accuracy, in words."""
        line = self.measures.set_index("measure").loc["accuracy"]
        gained = line["difference"]
        chance = f"p = {self.p_value:.3f}" if self.p_value >= 0.001 else "p < 0.001"
        apart = line["low"] > 0 or line["high"] < 0
        if apart and self.p_value <= 1 - self.level:
            verdict = f"{self.second if gained > 0 else self.first} is better on these images"
        else:
            verdict = "this does not show which is better"
        way = "more" if gained > 0 else "less" if gained < 0 else "more or less"
        return (
            f"{self.second} is right {100 * abs(gained):.2f} points {way} often than {self.first} "
            f"(difference {100 * line['low']:+.2f} to {100 * line['high']:+.2f}, "
            f"McNemar {chance}): {verdict}."
        )


def compare(first: SamplePredictions, second: SamplePredictions, level: float = LEVEL) -> Comparison:
    """Put two sets of answers beside each other, row by row.

    The interval of a difference looks at what each row adds to both scores
    (`bcc.evaluation.intervals.confusion.difference_intervals`), which is narrower than two intervals side
    by side whenever both find the same rows hard.

    Args:
        first, second: about the same rows, with the same classes in the same order.
        level: of the intervals, 0..1.

    Raises:
        UserError: they are about different rows or classes.
    """
    if first.class_names != second.class_names or not np.array_equal(first.rows, second.rows):
        raise UserError("Only answers about the same rows and classes can be compared.")
    predictions = [
        one.probabilities.argmax(axis=1) if len(one.rows) else one.labels for one in (first, second)
    ]
    right = [said == first.labels for said in predictions]
    only_first = int((right[0] & ~right[1]).sum())
    only_second = int((~right[0] & right[1]).sum())
    p_value, exact = mcnemar(only_first, only_second)
    return Comparison(
        first=first.by or "the first",
        second=second.by or "the second",
        n=len(first.rows),
        both=int((right[0] & right[1]).sum()),
        neither=int((~right[0] & ~right[1]).sum()),
        only_first=only_first,
        only_second=only_second,
        p_value=p_value,
        exact=exact,
        measures=_measures(first, second, predictions, level),
        rows=_rows(first, second, predictions, right),
        level=level,
    )


def mcnemar(only_first: int, only_second: int) -> tuple[float, bool]:
    """McNemar's test (1947) that both are equally often right.

    Args:
        only_first, only_second: rows on which just one of them is right.

    Returns:
        Two-sided p-value, and whether it is exact: the binomial up to 1,000 such rows, beyond them
        the chi-squared approximation with Edwards' correction.
    """
    n = only_first + only_second
    if n == 0:
        return 1.0, True
    if n <= EXACT_UP_TO:
        tail = sum(math.comb(n, k) for k in range(min(only_first, only_second) + 1))
        return min(1.0, 2 * tail / 2**n), True
    distance = max(abs(only_first - only_second) - 1, 0) ** 2 / n
    return math.erfc(math.sqrt(distance / 2)), False


def _measures(
    first: SamplePredictions, second: SamplePredictions, predictions: list[np.ndarray], level: float
) -> pd.DataFrame:
    """Overall scores of both, and their difference with its interval."""
    classes = len(first.class_names)
    values = [overall_measures(count_confusions(first.labels, said, classes)) for said in predictions]
    ends = difference_intervals(first.labels, predictions[0], predictions[1], classes, level)
    # The very same answers are one answerer twice, and there is nothing that could differ.
    same = np.array_equal(first.probabilities, second.probabilities)
    lines = []
    for name, (difference, low, high) in ends.items():
        low, high = (0.0, 0.0) if same else (low, high)
        lines.append(
            {
                "measure": name, "first": float(values[0][name]), "second": float(values[1][name]),
                "difference": difference, "low": low, "high": high,
            }
        )  # fmt: skip
    return pd.DataFrame(lines)


def _rows(
    first: SamplePredictions,
    second: SamplePredictions,
    predictions: list[np.ndarray],
    right: list[np.ndarray],
) -> pd.DataFrame:
    names = np.array([*first.class_names, UNKNOWN], dtype=object)
    lines = np.arange(len(first.rows))
    case = np.select(
        [right[0] & ~right[1], ~right[0] & right[1], ~right[0] & ~right[1]],
        ["only first", "only second", "neither"],
        "both",
    )
    return pd.DataFrame(
        {
            "row": first.rows,
            "true": names[first.labels],
            "first": names[predictions[0]],
            "second": names[predictions[1]],
            "probability_first": first.probabilities[lines, predictions[0]],
            "probability_second": second.probabilities[lines, predictions[1]],
            "case": case,
        }
    )


def side_by_side(predictions: Sequence[SamplePredictions]) -> pd.DataFrame:
    """A line for each set of answers, however they came about.

    Returns:
        by, accuracy with low and high (95 % interval), balanced_accuracy, macro_f1, log_loss,
        calibration_error and n.
    """
    lines = []
    for one in predictions:
        overall = one.measured.overall.set_index("measure")
        lines.append(
            {
                "by": one.by,
                "accuracy": overall.loc["accuracy", "value"],
                "low": overall.loc["accuracy", "low"],
                "high": overall.loc["accuracy", "high"],
                "balanced_accuracy": overall.loc["balanced_accuracy", "value"],
                "macro_f1": overall.loc["macro_f1", "value"],
                "log_loss": overall.loc["log_loss", "value"],
                "calibration_error": expected_calibration_error(one.labels, one.probabilities),
                "n": len(one.rows),
            }
        )
    return pd.DataFrame(lines)
