"""Two reviewers: agreement as scikit-learn counts it, disagreements, and one selection of both."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from bcc.datasets import Dataset, Selection, load
from bcc.errors import UserError
from bcc.quality.agreement import DONT_KNOW, LEFT_OUT, agreement, answers, merge


@pytest.fixture
def dataset(tiny_npz: Callable[..., Path]) -> Dataset:
    return load(tiny_npz(rows=30, size=16, classes=3, class_names=np.array(["a", "b", "c"])))


def test_an_answer_is_a_class_a_doubt_or_leaving_out(dataset: Dataset) -> None:
    one = Selection.of(dataset).relabel(dataset, [0], "b").relabel(dataset, [1], None)
    one = one.leave_out([2], "dark").keep([3])
    assert answers(one, dataset)[:5].tolist() == ["b", DONT_KNOW, LEFT_OUT, "a", ""]


def test_kappa_is_that_of_scikit_learn(dataset: Dataset) -> None:
    rng = np.random.default_rng(0)
    first = second = Selection.of(dataset)
    given: tuple[list[str], list[str]] = ([], [])
    for row in range(25):
        for at, name in enumerate(rng.choice(["a", "b", "c"], 2, p=[0.6, 0.3, 0.1])):
            given[at].append(str(name))
            if at:
                second = second.relabel(dataset, [row], str(name))
            else:
                first = first.relabel(dataset, [row], str(name))
    first = first.keep([28])
    found = agreement(dataset, first, second)
    assert found.kappa == pytest.approx(cohen_kappa_score(*given))
    assert found.agreed == sum(one == other for one, other in zip(*given, strict=True))
    assert found.only_first.tolist() == [28]
    low, high = found.interval
    assert low < found.agreed / 25 < high


def test_without_common_rows_nothing_is_claimed(dataset: Dataset) -> None:
    found = agreement(dataset, Selection.of(dataset).keep([1]), Selection.of(dataset).keep([2]))
    assert found.table.empty
    assert math.isnan(found.kappa)
    assert math.isnan(found.interval[0])


def test_merging_takes_what_both_say_and_what_was_decided(dataset: Dataset) -> None:
    first = Selection.of(dataset).relabel(dataset, [0, 1, 2, 3], "b", who="Ann").leave_out([10], "dark")
    second = Selection.of(dataset)
    second = second.with_labels(dataset, second.labels.add_class(dataset, "smudge cell"))
    second = second.relabel(dataset, [0], "b", who="Bo").relabel(dataset, [1, 2, 3], "smudge cell", who="Bo")
    second = second.relabel(dataset, [11], "c", who="Bo")
    both = merge(dataset, first, second, {1: "first", 2: "second"})
    said = answers(both, dataset)
    assert said[[0, 1, 2, 3, 10, 11]].tolist() == ["b", "b", "smudge cell", "", LEFT_OUT, "c"]
    assert both.labels.rows[2][-1].who == "Bo"


def test_added_classes_of_both_keep_their_names(dataset: Dataset) -> None:
    first, second = Selection.of(dataset), Selection.of(dataset)
    first = first.with_labels(dataset, first.labels.add_class(dataset, "x")).relabel(dataset, [0], "x")
    second = second.with_labels(dataset, second.labels.add_class(dataset, "y").add_class(dataset, "x"))
    second = second.relabel(dataset, [1], "y").relabel(dataset, [2], "x")
    both = merge(dataset, first, second, {})
    assert answers(both, dataset)[:3].tolist() == ["x", "y", "x"]


def test_selections_of_another_dataset_are_refused(dataset: Dataset, tiny_npz: Callable[..., Path]) -> None:
    other = load(tiny_npz(rows=30, size=16, classes=3, seed=9))
    with pytest.raises(UserError, match="belongs to"):
        agreement(dataset, Selection.of(dataset), Selection.of(other))
