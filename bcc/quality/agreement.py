"""Two people who reviewed the same dataset: how far they agree, where they differ, and one selection of both.

Each works in a selection of their own. An answer is a class, "I don't know", or leaving the row out; rows
that only one of the two has reviewed say nothing about agreement.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from bcc.datasets import Dataset, Selection
from bcc.datasets.label_changes import UNKNOWN, LabelChange, LabelChanges
from bcc.wilson import wilson

LEFT_OUT = "(left out)"
DONT_KNOW = "(I don't know)"
"""Answers that are no class; brackets keep them apart from names."""
Side = Literal["first", "second"]


@dataclass(frozen=True)
class Agreement:
    """How far two reviewers agree.

    Attributes:
        table: a line per row that both have reviewed: `row`, `own` (the dataset's label), `first`, `second`.
        only_first, only_second: rows that only one of them has reviewed, int64.
        kappa: Cohen's kappa, NaN where it is not defined (no common row, or one answer alone).
    """

    table: pd.DataFrame
    only_first: np.ndarray
    only_second: np.ndarray
    kappa: float

    @property
    def disagreements(self) -> pd.DataFrame:
        """The lines on which they differ."""
        return self.table[self.table["first"] != self.table["second"]].reset_index(drop=True)

    @property
    def agreed(self) -> int:
        """How many rows got the same answer."""
        return len(self.table) - len(self.disagreements)

    @property
    def interval(self) -> tuple[float, float]:
        """Of the share of equal answers, 95 %, by Wilson."""
        n = len(self.table)
        low, high = wilson(np.array(self.agreed / n if n else np.nan), np.array(n))
        return float(low), float(high)


def answers(selection: Selection, dataset: Dataset) -> np.ndarray:
    """What a reviewer said of every row: object (N,), "" where nothing was reviewed.

    Raises:
        UserError: the selection belongs to another set.
    """
    selection.check(dataset)
    given = dataset.as_given
    found = np.full(len(given), "", object)
    after = selection.relabelled(given)
    names = np.array([*after.class_names, DONT_KNOW], object)
    found[selection.reviewed] = names[after.labels[selection.reviewed]]
    found[selection.left_out] = LEFT_OUT
    return found


def agreement(dataset: Dataset, first: Selection, second: Selection) -> Agreement:
    """Compare two reviewers.

    Raises:
        UserError: one of the selections belongs to another set.
    """
    from sklearn.metrics import cohen_kappa_score

    one, other = answers(first, dataset), answers(second, dataset)
    both = np.flatnonzero((one != "") & (other != ""))
    given = dataset.as_given
    own = np.array(given.class_names, object)[given.labels[both]]
    table = pd.DataFrame({"row": both, "own": own, "first": one[both], "second": other[both]})
    kinds = {*one[both], *other[both]}
    kappa = float(cohen_kappa_score(list(one[both]), list(other[both]))) if len(kinds) > 1 else float("nan")
    return Agreement(
        table,
        np.flatnonzero((one != "") & (other == "")),
        np.flatnonzero((one == "") & (other != "")),
        kappa,
    )


def merge(dataset: Dataset, first: Selection, second: Selection, taken: Mapping[int, Side]) -> Selection:
    """Make one selection of two.

    Rows that one of them has reviewed, or both with the same answer, get that answer. Where they differ,
    `taken` says whose counts; rows that it does not name stay undecided.

    Args:
        dataset: the set.
        first: the selection whose renamed, merged and left-out classes count.
        second: the other one.
        taken: row -> "first" or "second".

    Raises:
        UserError: one of the selections belongs to another set.
    """
    found = agreement(dataset, first, second)
    from_second = {int(row) for row in found.only_second}
    undecided = set()
    for row in map(int, found.disagreements["row"]):
        if row not in taken:
            undecided.add(row)
        elif taken[row] == "second":
            from_second.add(row)
    labels, theirs = _with_classes_of(dataset, first.labels, second.labels)
    decisions = {row: one for row, one in first.decisions.items() if row not in from_second | undecided}
    decisions |= {row: one for row, one in second.decisions.items() if row in from_second}
    rows = {row: one for row, one in labels.rows.items() if row not in from_second | undecided}
    rows |= {row: one for row, one in theirs.items() if row in from_second}
    merged = replace(first, decisions=decisions, name="")
    labels = replace(labels, rows=rows)
    return merged.with_labels(dataset, labels) if labels else merged


def _with_classes_of(
    dataset: Dataset, labels: LabelChanges, other: LabelChanges
) -> tuple[LabelChanges, dict[int, tuple[LabelChange, ...]]]:
    """Add the classes that only the other one has; returns the changes, and the other's rows in their
    positions."""
    own = len(dataset.as_given.class_names)
    added = (*labels.added, *(name for name in other.added if name not in labels.added))
    position = {UNKNOWN: UNKNOWN} | {at: at for at in range(own)}
    position |= {own + at: own + added.index(name) for at, name in enumerate(other.added)}
    rows = {
        row: tuple(replace(one, old=position[one.old], new=position[one.new]) for one in changes)
        for row, changes in other.rows.items()
    }
    return replace(labels, added=added), rows
