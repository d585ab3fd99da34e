from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bcc.datasets import Dataset, balanced_class_weights, effective_number, load
from bcc.datasets.overview import class_table, overview, rows_of_class, rows_without_copies, split_counts


@pytest.fixture
def uneven(tiny_npz: Callable[..., Path], data_folder: Path) -> Dataset:
    """30 rows of class 0, 20 of class 1, 10 of class 2, none of class 3; row 1 is a copy of row 0."""
    with np.load(tiny_npz(rows=60, classes=4)) as arrays:
        images = arrays["images"].copy()
    images[1] = images[0]
    labels = np.repeat([0, 1, 2], [30, 20, 10])
    path = tiny_npz(data_folder / "uneven.npz", rows=60, classes=4, images=images, labels=labels)
    return load(path, classes="a, b, c, d")


def test_a_set_in_numbers(uneven: Dataset) -> None:
    facts = overview(uneven)
    assert (facts.images, facts.classes, facts.height, facts.width) == (60, 4, 32, 32)
    assert facts.imbalance_ratio == 3
    assert facts.exact_duplicates == 1


def test_table_without_a_split_counts_all_rows(uneven: Dataset) -> None:
    table = class_table(uneven)
    assert table["class"].tolist() == ["a", "b", "c", "d"]
    assert table["count"].tolist() == [30, 20, 10, 0]
    assert table["share"].sum() == pytest.approx(1)
    np.testing.assert_allclose(table["class_weight"], balanced_class_weights([30, 20, 10, 0]))
    assert "train" not in table


def test_table_with_a_split_weighs_the_training_rows(uneven: Dataset) -> None:
    sides = np.full(60, 0, np.int8)
    sides[[0, 30]], sides[[1, 31]], sides[[2, 50]] = 1, 2, -1
    table = class_table(uneven, sides)
    assert table["train"].tolist() == [27, 18, 9, 0]
    assert table["validation"].tolist() == [1, 1, 0, 0]
    assert table["test"].tolist() == [1, 1, 0, 0]
    assert table["left out"].tolist() == [1, 0, 1, 0]
    np.testing.assert_allclose(table["class_weight"], balanced_class_weights([27, 18, 9, 0]))
    np.testing.assert_allclose(table["effective_number"], effective_number([27, 18, 9, 0]))


def test_counts_in_long_form_add_up(uneven: Dataset) -> None:
    sides = np.zeros(60, np.int8)
    sides[:3] = 1
    long = split_counts(class_table(uneven, sides))
    assert set(long["split"]) == {"train", "validation"}, "empty sides are left away"
    assert long.groupby("class")["count"].sum().to_dict() == {"a": 30, "b": 20, "c": 10, "d": 0}
    assert list(split_counts(class_table(uneven)).columns) == ["class", "count"]


def test_rows_that_occur_once(uneven: Dataset, tiny_npz: Callable[..., Path], data_folder: Path) -> None:
    assert rows_without_copies(uneven).tolist() == list(range(2, 60))
    same = np.zeros((4, 32, 32, 3), np.uint8)
    padded = load(tiny_npz(data_folder / "same.npz", rows=4, classes=2, images=same))
    assert rows_without_copies(padded).tolist() == [0, 1, 2, 3]


def test_rows_of_a_class(uneven: Dataset) -> None:
    assert rows_of_class(uneven, "c").tolist() == list(range(50, 60))
    assert rows_of_class(uneven, "d").tolist() == []
    assert rows_of_class(uneven, None).tolist() == list(range(60))
    assert len(rows_of_class(uneven, "no such class")) == 60
