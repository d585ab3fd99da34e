"""Several datasets as one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bcc.datasets import Dataset, load
from bcc.datasets.join import join, plan_join
from bcc.errors import UserError

TinyNpz = Callable[..., Path]


@pytest.fixture
def two(tiny_npz: TinyNpz, tmp_path: Path) -> list[Dataset]:
    first, second = np.array(["Eosinophil", "b c", "x"]), np.array(["b_c", "eosinophil"])
    patients = np.array(["p"] * 12)
    one = tiny_npz(tmp_path / "one.npz", rows=12, size=16, classes=3, class_names=first, patient=patients)
    other = tiny_npz(tmp_path / "two.npz", rows=10, size=16, classes=2, class_names=second, seed=4)
    return [load(one), load(other)]


def test_classes_are_matched_by_name_and_rows_name_their_source(two: list[Dataset], tmp_path: Path) -> None:
    plan = plan_join(two)
    assert plan.class_names == ("Eosinophil", "b c", "x")
    assert ("two.npz", "b_c", "b c") in plan.table(two)
    assert join(two, tmp_path / "out.npz", plan) == 22
    made = load(tmp_path / "out.npz")
    assert np.array_equal(np.asarray(made.images[:12]), np.asarray(two[0].images))
    assert np.array_equal(np.asarray(made.images[12:]), np.asarray(two[1].images))
    names = [made.class_names[label] for label in made.labels]
    assert names[12:14] == ["b c", "Eosinophil"]
    assert made.columns["source"] == ("one.npz",) * 12 + ("two.npz",) * 10
    assert made.columns["patient"] == ("p",) * 12 + ("",) * 10


def test_classes_can_be_renamed_on_the_way(two: list[Dataset]) -> None:
    assert plan_join(two, {"x": "eosinophil"}).class_names == ("Eosinophil", "b c")
    with pytest.raises(UserError, match="None of the datasets has a class 'y'"):
        plan_join(two, {"y": "z"})


def test_what_cannot_be_joined_is_refused(two: list[Dataset], tiny_npz: TinyNpz, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="two datasets or more"):
        plan_join(two[:1])
    larger = load(tiny_npz(tmp_path / "large.npz", rows=8, size=20, classes=2))
    with pytest.raises(UserError, match=r"differ in size \(one.npz 16 x 16 px, large.npz 20 x 20 px\)"):
        plan_join([two[0], larger])
