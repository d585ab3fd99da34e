from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bcc.datasets import duplicate_groups, fingerprint, first_of_each, hash_rows


@given(st.lists(st.integers(0, 5), max_size=40))
def test_rows_share_a_group_exactly_if_their_pixels_are_equal(kinds: list[int]) -> None:
    images = np.random.default_rng(0).integers(0, 256, (6, 4, 5, 3), np.uint8)
    hashes = hash_rows(images[np.array(kinds, int)])
    groups, keep = duplicate_groups(hashes), first_of_each(hashes)
    assert hashes.shape == (len(kinds), 2)
    assert hashes.dtype == np.uint64
    assert groups.dtype == np.int64
    seen: list[int] = []
    for row, kind in enumerate(kinds):
        assert keep[row] == (kind not in seen)
        seen += [kind] if kind not in seen else []
        # Numbered in the order of first appearance.
        assert groups[row] == seen.index(kind)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=60))
def test_groups_use_both_halves_of_the_hash(pairs: list[tuple[int, int]]) -> None:
    hashes = np.array(pairs, np.uint64)
    groups = duplicate_groups(hashes)
    same = (hashes[:, None] == hashes[None]).all(axis=2)
    assert ((groups[:, None] == groups[None]) == same).all()
    assert first_of_each(hashes).sum() == len(set(pairs))


def test_one_pixel_and_the_shape_make_another_image() -> None:
    image = np.zeros((1, 4, 6, 3), np.uint8)
    other = image.copy()
    other[0, 3, 5, 2] = 1
    hashes = [hash_rows(p).tobytes() for p in (image, other, image.reshape(1, 6, 4, 3))]
    assert len(set(hashes)) == 3


def test_the_layout_in_memory_does_not_matter() -> None:
    images = np.random.default_rng(1).integers(0, 256, (5, 8, 7, 3), np.uint8)
    assert (hash_rows(np.asfortranarray(images)) == hash_rows(images)).all()
    assert (hash_rows(images[::2]) == hash_rows(images)[::2]).all()


def test_the_fingerprint_names_content() -> None:
    hashes = np.arange(12, dtype=np.uint64).reshape(6, 2)
    labels = np.arange(6)
    shape = (6, 4, 4, 3)
    base = fingerprint(shape, hashes, labels)
    assert len(base) == 16
    assert set(base) <= set("0123456789abcdef")
    assert base == fingerprint(shape, hashes.copy(), labels.astype(np.int32))
    ones = np.ones(6, np.int8)
    others = [
        fingerprint((6, 4, 5, 3), hashes, labels),
        fingerprint(shape, hashes[::-1], labels),
        fingerprint(shape, hashes, labels[::-1]),
        fingerprint(shape, hashes, labels, split=ones),
        fingerprint(shape, hashes, labels, origin=ones.astype(np.int64)),
        fingerprint(shape, hashes, labels, split=ones, origin=ones.astype(np.int64)),
    ]
    assert len({base, *others}) == 7
