from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bcc.augment import image_keys
from bcc.augment.keys import uniform

seeds = st.integers(0, 2**31 - 1)
epochs = st.integers(0, 5_000)
rows = st.lists(st.integers(0, 2**40), min_size=1, max_size=60, unique=True)


def as_one(keys: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(keys).view(np.int64).ravel()


@given(seeds, epochs, rows)
def test_a_key_follows_from_seed_epoch_and_row_alone(seed: int, epoch: int, chosen: list[int]) -> None:
    keys = image_keys(seed, epoch, np.array(chosen))
    assert keys.shape == (len(chosen), 2)
    assert keys.dtype == np.int32
    for row, key in zip(chosen[:5], keys, strict=False):
        np.testing.assert_array_equal(image_keys(seed, epoch, np.array([row]))[0], key)


@given(
    st.lists(seeds, min_size=1, max_size=4, unique=True),
    st.lists(epochs, min_size=1, max_size=6, unique=True),
    rows,
)
def test_keys_differ_over_seeds_epochs_and_rows(some: list[int], when: list[int], chosen: list[int]) -> None:
    keys = [as_one(image_keys(seed, epoch, np.array(chosen))) for seed in some for epoch in when]
    together = np.concatenate(keys)
    assert len(np.unique(together)) == len(together)


def test_keys_of_neighbours_share_nothing() -> None:
    """A thousand neighbouring seeds, epochs and rows: all distinct, every bit set in about half of them."""
    for keys in (
        image_keys(0, 0, np.arange(1000)),
        np.concatenate([image_keys(0, epoch, np.array([0])) for epoch in range(1000)]),
        np.concatenate([image_keys(seed, 0, np.array([0])) for seed in range(1000)]),
    ):
        values = as_one(keys)
        assert len(np.unique(values)) == 1000
        bits = (values[:, None] >> np.arange(64)) & 1
        assert np.abs(bits.mean(axis=0) - 0.5).max() < 0.08


def test_an_epoch_for_each_row() -> None:
    many = image_keys(3, np.array([0, 1, 2]), np.array([7, 7, 7]))
    for epoch in range(3):
        np.testing.assert_array_equal(many[epoch], image_keys(3, epoch, np.array([7]))[0])


@pytest.fixture(scope="module")
def draws() -> np.ndarray:
    return uniform(image_keys(0, 0, np.arange(2000)), 3, "a step").numpy()


def test_draws_are_uniform_and_independent(draws: np.ndarray) -> None:
    assert draws.shape == (2000, 3)
    assert draws.dtype == np.float32
    assert draws.min() >= 0
    assert draws.max() < 1
    assert np.abs(np.quantile(draws, [0.1, 0.5, 0.9], axis=0).T - [0.1, 0.5, 0.9]).max() < 0.04
    assert np.abs(np.corrcoef(draws.T) - np.eye(3)).max() < 0.08


def test_another_name_draws_apart(draws: np.ndarray) -> None:
    other = uniform(image_keys(0, 0, np.arange(2000)), 3, "another step").numpy()
    assert abs(np.corrcoef(draws[:, 0], other[:, 0])[0, 1]) < 0.08


def test_the_next_epoch_draws_apart(draws: np.ndarray) -> None:
    other = uniform(image_keys(0, 1, np.arange(2000)), 3, "a step").numpy()
    assert abs(np.corrcoef(draws[:, 0], other[:, 0])[0, 1]) < 0.08
