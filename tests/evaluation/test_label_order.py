"""Which cells to label next."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bcc.evaluation.label_order import POOL, Order, farthest, label_order, margin


def answers(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.dirichlet(np.ones(4), n), rng.normal(size=(n, 5))


def test_the_margin_is_the_gap_between_the_two_likeliest() -> None:
    assert margin(np.array([[0.2, 0.7, 0.1], [0.4, 0.35, 0.25]])) == pytest.approx([0.5, 0.05])
    assert margin(np.ones((2, 1))).tolist() == [1, 1]


def test_sure_and_unsure_are_opposite_orders() -> None:
    said, features = answers(50)
    labelled = np.zeros(50, bool)
    sure = label_order("sure", said, features, labelled, 50)
    assert (np.diff(margin(said)[sure]) <= 0).all()
    assert label_order("unsure", said, features, labelled, 50).tolist() == sure[::-1].tolist()


def test_the_most_different_are_far_from_what_is_labelled_and_from_each_other() -> None:
    # Three clusters; one of them is labelled.
    features = np.concatenate([np.zeros((10, 2)), np.full((10, 2), 5.0), np.full((10, 2), -7.0)])
    features += np.random.default_rng(0).normal(0, 0.1, features.shape)
    labelled = np.zeros(30, bool)
    labelled[:3] = True
    chosen = label_order("different", np.full((30, 2), 0.5), features, labelled, 2)
    assert chosen[0] >= 20
    assert 10 <= chosen[1] < 20


def test_without_anything_known_the_most_usual_cell_begins() -> None:
    features = np.array([[0.0], [1.0], [2.0], [9.0]])
    assert farthest(features, np.arange(4), np.array([], np.int64), 3).tolist() == [2, 3, 0]


def test_both_chooses_different_ones_among_the_least_sure() -> None:
    said, features = answers(400)
    labelled = np.zeros(400, bool)
    labelled[::7] = True
    chosen = label_order("both", said, features, labelled, 5)
    least = label_order("unsure", said, features, labelled, POOL * 5)
    assert set(chosen) <= set(least)


@given(
    order=st.sampled_from(["sure", "unsure", "different", "both"]),
    n=st.integers(1, 40),
    count=st.integers(0, 50),
    seed=st.integers(0, 99),
)
def test_every_order_gives_distinct_unlabelled_rows(order: Order, n: int, count: int, seed: int) -> None:
    said, features = answers(n, seed)
    labelled = np.random.default_rng(seed).random(n) < 0.4
    chosen = label_order(order, said, features, labelled, count)
    assert len(chosen) == min(count, int((~labelled).sum()))
    assert len(set(chosen.tolist())) == len(chosen)
    assert not labelled[chosen].any()
