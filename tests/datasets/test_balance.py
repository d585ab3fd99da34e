from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from bcc.datasets import balanced_class_weights, class_balance, effective_number, imbalance_ratio
from bcc.errors import UserError

counts = arrays(np.int64, st.integers(1, 12), elements=st.integers(0, 5000))


def test_every_class_has_a_row_even_an_empty_one() -> None:
    frame = class_balance(np.array([0, 0, 2]), ["a", "b", "c"])
    assert list(frame.columns) == ["class", "count", "share"]
    assert list(frame["count"]) == [2, 0, 1]
    assert frame["share"].sum() == pytest.approx(1)


def test_sides_are_counted_and_rows_left_out_are_not() -> None:
    frame = class_balance(np.array([0, 0, 1, 1]), ["a", "b"], np.array([0, 2, 1, -1], np.int8))
    assert frame[["train", "validation", "test"]].to_numpy().tolist() == [[1, 0, 1], [0, 1, 0]]
    assert list(frame["count"]) == [2, 2]


def test_the_ratio_passes_over_empty_classes() -> None:
    assert imbalance_ratio([10, 0, 40]) == 4
    assert imbalance_ratio([0, 0]) == 1


@given(counts)
def test_weights_are_scikit_learns(count: np.ndarray) -> None:
    from sklearn.utils.class_weight import compute_class_weight

    weights = balanced_class_weights(count)
    present = np.flatnonzero(count)
    assert (weights[count == 0] == 0).all()
    if len(present):
        labels = np.repeat(np.arange(len(count)), count)
        assert weights[present] == pytest.approx(compute_class_weight("balanced", classes=present, y=labels))
        assert (weights * count).sum() == pytest.approx(count.sum())


@given(counts, st.floats(0.5, 0.999999))
def test_effective_numbers_are_the_sum_of_powers(count: np.ndarray, beta: float) -> None:
    made = effective_number(count, beta)
    expected = [sum(beta**power for power in range(n)) for n in count.tolist()]
    assert made == pytest.approx(expected, rel=1e-6)
    assert (made <= count + 1e-9).all()


def test_effective_number_at_its_ends() -> None:
    assert effective_number([0, 1, 900], beta=0).tolist() == [0, 1, 1]
    assert effective_number([1_000_000], beta=0.999) == pytest.approx([1000])
    for beta in (1.0, -0.1, float("nan")):
        with pytest.raises(UserError, match="'beta'"):
            effective_number([3], beta)
