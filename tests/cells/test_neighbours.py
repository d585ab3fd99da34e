from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.neighbors import NearestNeighbors

from bcc.cells.neighbours import NeighbourIndex


@pytest.mark.parametrize("count", [1, 5, 700])
def test_the_same_as_scikit_learn(count: int) -> None:
    rng = np.random.default_rng(0)
    vectors, queries = rng.normal(size=(700, 24)).astype(np.float32), rng.normal(size=(300, 24))
    rows, distances = NeighbourIndex(vectors).nearest(queries, count)
    wanted, wanted_rows = (
        NearestNeighbors(n_neighbors=count, algorithm="brute").fit(vectors).kneighbors(queries)
    )
    np.testing.assert_allclose(distances, wanted, rtol=1e-4)
    assert (rows == wanted_rows).mean() > 0.999


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 30), st.integers(1, 40), st.integers(0, 2**31))
def test_never_more_than_there_are_and_in_order(size: int, count: int, seed: int) -> None:
    vectors = np.random.default_rng(seed).normal(size=(size, 3))
    rows, distances = NeighbourIndex(vectors).nearest(vectors, count)
    assert rows.shape == distances.shape == (size, min(size, count))
    assert (np.diff(distances, axis=1) >= 0).all()
    assert all(len(set(line)) == len(line) for line in rows.tolist())
    np.testing.assert_array_equal(rows[:, 0], np.arange(size))
    np.testing.assert_allclose(distances[:, 0], 0)


def test_a_vector_far_from_zero_finds_itself() -> None:
    vectors = 1e4 + np.random.default_rng(0).normal(size=(400, 8)).astype(np.float32)
    rows, distances = NeighbourIndex(vectors).nearest(vectors[:50], 3)
    assert (rows == np.arange(50)[:, None]).any(axis=1).mean() > 0.95
    assert (distances[(rows == np.arange(50)[:, None])] == 0).all()


def test_equal_vectors_come_in_order_of_rows() -> None:
    rows, distances = NeighbourIndex(np.zeros((6, 2))).nearest(np.zeros((1, 2)), 6)
    assert rows.tolist() == [[0, 1, 2, 3, 4, 5]]
    assert distances.tolist() == [[0.0] * 6]


def test_no_query_and_no_vector() -> None:
    rows, distances = NeighbourIndex(np.zeros((4, 2))).nearest(np.zeros((0, 2)), 3)
    assert rows.shape == distances.shape == (0, 3)
    assert NeighbourIndex(np.zeros((0, 2))).nearest(np.zeros((2, 2)), 3)[0].shape == (2, 0)
