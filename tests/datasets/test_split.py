from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bcc.datasets import Dataset, Preprocessing, same_cell_groups, split, split_of
from bcc.datasets.split import _Contents, _fill_empty_sides
from bcc.errors import UserError


def dataset(
    labels: np.ndarray, images: np.ndarray | None = None, origin: np.ndarray | None = None
) -> Dataset:
    """A set without pixels: `pictures` numbers which rows are identical."""
    number = len(labels)
    images = np.arange(number) if images is None else images
    return Dataset(
        images=np.zeros((number, 1, 1, 3), np.uint8),
        labels=np.asarray(labels, np.int64),
        class_names=tuple(f"class {i}" for i in range(int(max(labels, default=0)) + 1)),
        fingerprint="0" * 16,
        source="made.npz",
        preprocessing=Preprocessing(),
        row_hashes=np.stack([images, images * 0], axis=1).astype(np.uint64),
        folder=Path(),
        origin=origin,
    )


shares = st.sampled_from(
    [(0.8, 0.1, 0.1), (0.6, 0.4, 0.0), (0.34, 0.33, 0.33), (0.0, 0.0, 1.0), (0.7, 0.0, 0.3)]
)


@st.composite
def sets(draw: st.DrawFn) -> Dataset:
    number = draw(st.integers(1, 80))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    labels = rng.integers(0, draw(st.integers(1, 5)), number)
    images = rng.integers(0, number * draw(st.sampled_from([1, 3, 100])) // 2 + 1, number)
    origin = rng.integers(-1, number, number) if draw(st.booleans()) else None
    return dataset(labels, images, origin)


@settings(max_examples=150)
@given(sets(), shares, st.integers(0, 3), st.booleans())
def test_rows_of_one_cell_are_never_divided(
    data: Dataset, share: tuple[float, float, float], seed: int, some: bool
) -> None:
    rows = np.arange(len(data)) % 3 > 0 if some else None
    sides = split(data, *share, seed=seed, rows=rows)
    inside = np.ones(len(data), bool) if rows is None else rows
    assert sides.dtype == np.int8
    assert (sides[~inside] == -1).all()
    assert set(np.unique(sides[inside])) <= {side for side in range(3) if share[side] > 0}
    for a in np.flatnonzero(inside):
        same = (data.row_hashes == data.row_hashes[a]).all(axis=1) & inside
        if data.origin is not None and data.origin[a] >= 0:
            same |= (data.origin == data.origin[a]) & inside
            parent = data.origin[a]
            same[parent] |= inside[parent] and data.origin[parent] < 0
        assert (sides[same] == sides[a]).all()


@settings(max_examples=150)
@given(sets(), shares, st.integers(0, 3))
def test_a_class_with_enough_groups_of_its_own_is_on_every_side(
    data: Dataset, share: tuple[float, float, float], seed: int
) -> None:
    sides = split(data, *share, seed=seed)
    groups = same_cell_groups(data)
    for label in np.unique(data.labels):
        own = [group for group in np.unique(groups) if (data.labels[groups == group] == label).all()]
        if len(own) >= 3:
            wanted = {side for side in range(3) if share[side] > 0}
            assert set(sides[data.labels == label]) == wanted


@given(st.lists(st.integers(3, 200), min_size=1, max_size=6), shares, st.integers(0, 5))
def test_each_class_keeps_its_shares(counts: list[int], share: tuple[float, float, float], seed: int) -> None:
    labels = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(counts)), counts))
    sides = split(dataset(labels), *share, seed=seed)
    for label, count in enumerate(counts):
        for side in range(3):
            held = int(((sides == side) & (labels == label)).sum())
            # Largest remainder is within one row; a small class may owe one more to an empty side.
            assert abs(held - count * share[side]) <= 2


def test_filling_a_side_takes_nothing_from_another_class() -> None:
    # Groups: 0 holds a row of each class, 1 three rows of class 0, 2 one row of class 1.
    labels, group = np.array([0, 1, 0, 0, 0, 1]), np.array([0, 0, 1, 1, 1, 2])
    side = np.array([0, 0, 1])
    _fill_empty_sides(side, _Contents.of(labels, group), 2)
    # Group 0 is smaller, but class 1 has no other row on its side.
    assert side.tolist() == [0, 1, 1]


def test_large_groups_do_not_spoil_the_shares() -> None:
    labels = np.repeat(np.arange(4), 500)
    images = np.arange(2000) // 5
    sides = split(dataset(labels, images), seed=3)
    for label in range(4):
        counts = np.bincount(sides[labels == label], minlength=3)
        assert np.abs(counts - [400, 50, 50]).max() <= 5


def test_one_image_repeated_in_every_class_stays_on_one_side() -> None:
    """The challenge's composite: 1,600 identical rows, 200 in each class."""
    labels = np.concatenate([np.repeat(np.arange(8), 1000), np.repeat(np.arange(8), 200)])
    images = np.concatenate([np.arange(8000), np.full(1600, 9000)])
    sides = split(dataset(labels, images), seed=0)
    assert len(set(sides[8000:])) == 1
    for label in range(8):
        assert np.abs(np.bincount(sides[labels == label]) - [960, 120, 120]).max() <= 2


def test_the_seed_decides() -> None:
    data = dataset(np.arange(200) % 4)
    assert (split(data, seed=5) == split(data, seed=5)).all()
    assert (split(data, seed=5) != split(data, seed=6)).any()


def test_a_row_left_out_still_ties_others_together() -> None:
    # Row 0 has the pixels of row 2 and the origin of row 1.
    data = dataset(np.zeros(40, int), np.r_[7, 6, 7, np.arange(100, 137)], np.r_[5, 5, np.full(38, -1)])
    rows = np.arange(40) > 0
    for seed in range(20):
        sides = split(data, 0.5, 0.5, 0.0, seed=seed, rows=rows)
        assert sides[0] == -1
        assert sides[1] == sides[2]


def test_origins_in_another_set_do_not_chain() -> None:
    """Ten copies of five originals, all of which lie elsewhere: five groups."""
    origin = np.repeat(np.arange(5), 2)
    assert len(np.unique(same_cell_groups(dataset(np.zeros(10, int), origin=origin)))) == 5


def test_an_original_goes_with_its_copies() -> None:
    groups = same_cell_groups(dataset(np.zeros(5, int), origin=np.array([-1, -1, 0, 0, 1])))
    assert groups[0] == groups[2] == groups[3]
    assert groups[1] == groups[4]
    assert groups[0] != groups[1]


@pytest.mark.parametrize(
    ("share", "words"),
    [
        ((0.8, 0.1, 0.2), "sum to 1, not 1.1"),
        ((1.2, -0.1, -0.1), "'train' must be from 0 to 1, not 1.2"),
        ((0.5, float("nan"), 0.5), "'validation' must be from 0 to 1, not nan"),
    ],
)
def test_impossible_shares_are_refused(share: tuple[float, float, float], words: str) -> None:
    with pytest.raises(UserError, match=words):
        split(dataset(np.zeros(9, int)), *share)


def test_no_rows_and_one_row() -> None:
    data = dataset(np.zeros(4, int))
    assert (split(data, rows=np.zeros(4, bool)) == -1).all()
    assert (split(dataset(np.zeros(1, int))) == 0).all()


def test_the_split_of_the_file_is_kept() -> None:
    labels = np.arange(12) % 2
    own = np.array([0] * 8 + [2] * 3 + [-1], np.int8)
    data = Dataset(**{**dataset(labels).__dict__, "split": own})
    assert (split_of(data) == own).all()
    rows = np.arange(12) > 2
    assert (split_of(data, rows=rows) == np.where(rows, own, -1)).all()
    assert (own[:8] == 0).all()
    assert (split_of(data, use_file=False, seed=4) == split(data, seed=4)).all()
    assert (split_of(dataset(labels), seed=4) == split(dataset(labels), seed=4)).all()
