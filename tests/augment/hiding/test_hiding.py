"""How much is hidden, where, and with what."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from bcc.augment import Augmentation, image_keys
from bcc.augment.hiding import CellOnly, CutOut, GridMask, RandomGrid, SplitRotate
from bcc.cells import cell_mask


def through(step: Augmentation, images: np.ndarray) -> np.ndarray:
    keys = image_keys(1, 0, np.arange(len(images)))
    labels = np.ones((len(images), 1), np.float32)
    return step(tf.constant(images), tf.constant(labels), tf.constant(keys))[0].numpy()


def bright(number: int, height: int = 40, width: int = 40) -> np.ndarray:
    return np.random.default_rng(0).uniform(100, 200, (number, height, width, 3)).astype(np.float32)


def hidden(step: Augmentation, images: np.ndarray) -> np.ndarray:
    """Where the image is black, bool (N, H, W); elsewhere it must be what it was."""
    result = through(step, images)
    black = (result == 0).all(axis=-1)
    np.testing.assert_array_equal(result[~black], images[~black])
    return black


def test_cutout_hides_one_square_that_may_reach_over_the_border() -> None:
    black = hidden(CutOut(size=0.5, fill="black"), bright(400))
    rows, columns = black.any(axis=2).sum(axis=1), black.any(axis=1).sum(axis=1)
    np.testing.assert_array_equal(black.sum(axis=(1, 2)), rows * columns)
    assert rows.max() <= 21
    assert rows.min() >= 10
    # Half of the squares lie inside; the others lose a quarter of a side on average.
    assert rows.mean() == pytest.approx(17.5, abs=0.7)


@pytest.mark.parametrize(("fill", "level"), [("black", 0), ("grey", 128), ("white", 255)])
def test_fill(fill: str, level: float) -> None:
    images = bright(3)
    changed = through(CutOut.model_validate({"size": 0.4, "fill": fill}), images)
    assert np.unique(changed[changed != images]).tolist() == [level]
    mean = through(CutOut(size=0.4, fill="mean"), images)
    for before, after in zip(images, mean, strict=True):
        filled = after[(after != before).all(axis=-1)]
        np.testing.assert_allclose(filled, np.broadcast_to(before.mean(axis=(0, 1)), filled.shape), rtol=1e-4)


@pytest.mark.parametrize("turn", [0.0, 45.0])
@pytest.mark.parametrize("ratio", [0.3, 0.6, 0.8])
def test_grid_mask_hides_the_square_of_its_ratio(ratio: float, turn: float) -> None:
    black = hidden(GridMask(ratio=ratio, turn=turn), bright(200, 96, 96))
    assert black.mean() == pytest.approx(ratio**2, abs=0.03)


def test_grid_mask_repeats_with_its_period() -> None:
    black = hidden(GridMask(ratio=0.5, smallest=0.25, largest=0.25), bright(20))
    np.testing.assert_array_equal(black[:, :30], black[:, 10:])
    np.testing.assert_array_equal(black[:, :, :30], black[:, :, 10:])
    np.testing.assert_array_equal(black.sum(axis=(1, 2)), 16 * 25)


def test_random_grid_hides_whole_fields_each_with_its_chance() -> None:
    black = hidden(RandomGrid(ratio=0.3, fields=8), bright(200))
    fields = black.reshape(200, 8, 5, 8, 5)
    assert (fields.all(axis=(2, 4)) == fields.any(axis=(2, 4))).all()
    share = fields.any(axis=(2, 4)).mean(axis=0)
    assert np.abs(share - 0.3).max() < 0.15
    assert share.mean() == pytest.approx(0.3, abs=0.02)


def quadrants(image: np.ndarray) -> list[np.ndarray]:
    high, wide = image.shape[0] // 2, image.shape[1] // 2
    return [image[:high, :wide], image[:high, -wide:], image[-high:, :wide], image[-high:, -wide:]]


@pytest.mark.parametrize(("height", "width"), [(12, 12), (13, 13), (12, 20), (11, 17)])
def test_each_quadrant_is_turned_by_itself(height: int, width: int) -> None:
    images = bright(60, height, width)
    changed = through(SplitRotate(), images)
    square = height // 2 == width // 2
    seen = []
    for before, after in zip(images, changed, strict=True):
        for own, turned in zip(quadrants(before), quadrants(after), strict=True):
            turns = [k for k in range(4) if np.rot90(own, k).shape == own.shape]
            fits = [k for k in turns if np.array_equal(np.rot90(own, k), turned)]
            assert len(fits) == 1
            seen += fits
        if height % 2:
            np.testing.assert_array_equal(before[height // 2], after[height // 2])
    shares = np.bincount(seen, minlength=4) / len(seen)
    np.testing.assert_allclose(shares, [0.25] * 4 if square else [0.5, 0, 0.5, 0], atol=0.1)


def stained(number: int) -> np.ndarray:
    """A violet disc on glass."""
    y, x = np.mgrid[:64, :64]
    inside = (np.hypot(y - 32, x - 30) < 14)[None, ..., None]
    noise = np.random.default_rng(2).normal(0, 3, (number, 64, 64, 3))
    return np.clip(np.where(inside, (110.0, 60.0, 150.0), (250.0, 228.0, 202.0)) + noise, 0, 255).astype(
        np.float32
    )


def test_only_the_cell_is_kept() -> None:
    images = np.rint(stained(4))
    changed = through(CellOnly(margin=0.0), images)
    for before, after in zip(images, changed, strict=True):
        cell = cell_mask(before.astype(np.uint8))
        assert 0.1 < cell.mean() < 0.3
        np.testing.assert_array_equal(after[cell], before[cell])
        assert (after[~cell] == 255).all()


def test_a_image_without_a_cell_stays() -> None:
    glass = np.full((2, 40, 40, 3), 230, np.float32)
    np.testing.assert_array_equal(through(CellOnly(), glass), glass)
