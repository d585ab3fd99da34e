from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from bcc.datasets import (
    balance_by_side,
    balance_summary,
    balanced_class_weights,
    class_balance,
    class_weight_table,
    effective_number,
    effective_number_weights,
    imbalance_ratio,
    oversampling,
)
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


@given(counts, st.floats(0.5, 0.9999))
def test_effective_weights_lie_between_none_and_balanced(count: np.ndarray, beta: float) -> None:
    weights = effective_number_weights(count, beta)
    present = count > 0
    assert (weights[~present] == 0).all()
    assert (weights * count).sum() == pytest.approx(count.sum())
    if present.sum() > 1:
        even, full = 1.0, balanced_class_weights(count)[present]
        spread = weights[present].max() / weights[present].min()
        assert even - 1e-9 <= spread <= full.max() / full.min() + 1e-9


def test_effective_weights_are_those_of_the_paper() -> None:
    # Cui et al., equation 3: weights in proportion to (1 - beta) / (1 - beta^n).
    weights = effective_number_weights([10, 1000], 0.99)
    expected = [(1 - 0.99) / (1 - 0.99**n) for n in (10, 1000)]
    assert weights[0] / weights[1] == pytest.approx(expected[0] / expected[1])
    assert effective_number_weights([5, 7], 0.0).tolist() == [1.0, 1.0]
    table = class_weight_table([10, 1000], ["a", "b"], 0.99)
    assert table["effective_number_weight"].to_numpy() == pytest.approx(weights)
    assert table["inverse_weight"].to_numpy() == pytest.approx([50.5, 0.505])


def test_sides_are_counted_before_and_after_a_selection() -> None:
    labels = np.array([0, 0, 0, 1, 1, 0])
    split = np.array([0, 0, 1, 0, 2, -1], np.int8)
    keep = np.array([True, False, True, True, True, True])
    table = balance_by_side(labels, ["a", "b"], split, keep)
    assert list(dict.fromkeys(table["side"])) == ["all", "train", "validation", "test", "left out"]
    train = table[table["side"] == "train"]
    assert train["count"].tolist() == [2, 1]
    assert train["kept_count"].tolist() == [1, 1]
    assert train["kept_share"].tolist() == [0.5, 0.5]
    facts = balance_summary(labels, ["a", "b"], split, keep).set_index("side")
    assert facts.loc["train", ["imbalance_ratio", "kept_imbalance_ratio"]].tolist() == [2, 1]
    assert facts.loc["all", ["pictures", "kept_pictures"]].tolist() == [6, 5]
    assert facts.loc["validation", "empty_classes"] == 1
    assert facts.loc["all", "largest_class"] == "a"


def test_without_a_split_there_is_one_side() -> None:
    table = balance_by_side(np.array([0, 2]), ["a", "b", "c"])
    assert set(table["side"]) == {"all"}
    assert table["kept_count"].tolist() == table["count"].tolist() == [1, 0, 1]
    assert balance_summary(np.empty(0, np.int64), ["a"])["largest_class"].tolist() == [""]


def test_oversampling_to_the_largest_class_fills_the_others() -> None:
    table = oversampling([10, 4, 0], ["a", "b", "c"]).set_index("class")
    assert table["added"].tolist() == [0, 6, 0]
    assert table["total"].tolist() == [10, 10, 0]
    assert table.loc["b", ["repeats", "most_repeats"]].tolist() == [2.5, 3]


@given(counts, st.integers(1, 9000))
def test_oversampling_never_takes_a_image_away(count: np.ndarray, target: int) -> None:
    table = oversampling(count, [str(place) for place in range(len(count))], target)
    filled = count > 0
    assert (table["added"] >= 0).all()
    assert (table["total"][filled] >= target).all()
    assert (table["most_repeats"] - table["repeats"] < 1).all()
    assert (table["total"][filled] == np.maximum(count[filled], target)).all()


def test_oversampling_to_nothing_is_refused() -> None:
    with pytest.raises(UserError, match="1 or more"):
        oversampling([3], ["a"], 0)
