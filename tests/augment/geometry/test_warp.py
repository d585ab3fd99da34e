from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from bcc.augment import Augmentation, image_keys
from bcc.augment.geometry import Elastic, RandomCrop, Rotation, Shear, Translation, Zoom
from bcc.augment.geometry.warp import affine_places, background, lift, sample, slide
from bcc.augment.keys import uniform

RNG = np.random.default_rng(3)
IMAGES = RNG.integers(0, 256, (6, 9, 13, 3)).astype(np.float32)
SQUARES = RNG.integers(0, 256, (5, 10, 10, 3)).astype(np.float32)


def moved(images: np.ndarray, matrix: list[float], fill: float = 0, level: float = 255) -> np.ndarray:
    number, height, width = images.shape[:3]
    sides = (tf.constant(float(height)), tf.constant(float(width)))
    y, x = affine_places(*sides, tf.constant([matrix] * number, tf.float32))
    each = [tf.fill([number], float(value)) for value in (fill, level)]
    return sample(tf.constant(images), y, x, *each).numpy()


def test_a_quarter_turn_is_exact() -> None:
    np.testing.assert_allclose(
        moved(SQUARES, [0, -1, 0, 1, 0, 0]), np.rot90(SQUARES, 1, axes=(1, 2)), atol=1e-3
    )


@pytest.mark.parametrize("shift", [1, 2, 5, -3])
def test_beyond_the_border_is_the_mirror_image(shift: int) -> None:
    wide = np.pad(IMAGES, [(0, 0), (0, 0), (8, 8), (0, 0)], "symmetric")
    expected = wide[:, :, 8 + shift : 8 + shift + 13]
    np.testing.assert_array_equal(moved(IMAGES, [1, 0, shift, 0, 1, 0]), expected)


def test_between_pixels_is_the_mean() -> None:
    half = moved(IMAGES, [1, 0, 0.5, 0, 1, 0])
    np.testing.assert_allclose(half[:, :, :-1], (IMAGES[:, :, 1:] + IMAGES[:, :, :-1]) / 2, atol=1e-3)


def test_fills() -> None:
    grey = moved(IMAGES, [1, 0, 4, 0, 1, 0], fill=2, level=17)
    np.testing.assert_array_equal(grey[:, :, -4:], 17)
    np.testing.assert_array_equal(grey[:, :, :-4], IMAGES[:, :, 4:])
    glass = np.full((2, 12, 12, 3), (200, 180, 210), np.float32)
    glass[:, 3:9, 3:9] = 60
    np.testing.assert_allclose(background(tf.constant(glass)), [[200, 180, 210]] * 2, atol=0.01)
    np.testing.assert_allclose(
        moved(glass, [1, 0, 8, 0, 1, 0], fill=1)[:, :, -8:], glass[:, :1, :1] + np.zeros((2, 12, 8, 3))
    )


def through(step: Augmentation, images: np.ndarray, keys: np.ndarray) -> np.ndarray:
    labels = np.ones((len(images), 1), np.float32)
    return step(tf.constant(images), tf.constant(labels), tf.constant(keys))[0].numpy()


DISC = np.zeros((1, 64, 64, 3), np.float32)
_Y, _X = np.mgrid[:64, :64] - 31.5
DISC[0, np.hypot(_Y, _X) < 12] = 200
MANY = np.repeat(DISC, 60, axis=0)
KEYS = image_keys(0, 0, np.arange(60))


def areas(images: np.ndarray) -> np.ndarray:
    return images[..., 0].sum(axis=(1, 2)) / DISC[..., 0].sum()


def centres(images: np.ndarray) -> np.ndarray:
    light = images[..., 0] / images[..., 0].sum(axis=(1, 2), keepdims=True)
    return np.stack([(light * _X).sum(axis=(1, 2)), (light * _Y).sum(axis=(1, 2))], axis=1)


def test_zoom_keeps_its_bounds_and_the_middle() -> None:
    found = np.sqrt(areas(through(Zoom(closer=0.5, farther=0.5), MANY, KEYS)))
    assert found.max() == pytest.approx(1.5, abs=0.08)
    assert found.min() == pytest.approx(1 / 1.5, abs=0.05)
    np.testing.assert_allclose(centres(through(Zoom(), MANY, KEYS)), 0, atol=0.2)


def test_translation_keeps_its_bounds() -> None:
    found = centres(through(Translation(horizontal=0.2, vertical=0.1, fill="constant", level=0), MANY, KEYS))
    assert np.abs(found[:, 0]).max() == pytest.approx(0.2 * 64, abs=1)
    assert np.abs(found[:, 1]).max() == pytest.approx(0.1 * 64, abs=1)
    assert np.abs(found.mean(axis=0)).max() < 3


def test_rotation_and_shear_keep_the_area() -> None:
    np.testing.assert_allclose(areas(through(Rotation(), MANY, KEYS)), 1, atol=0.02)
    np.testing.assert_allclose(areas(through(Shear(vertical=0), MANY, KEYS)), 1, atol=0.02)


def test_rotation_turns_by_its_draw() -> None:
    angles = (2 * uniform(tf.constant(KEYS), 1, "rotation").numpy()[:, 0] - 1) * 90
    spot = np.zeros((60, 65, 65, 3), np.float32)
    spot[:, 31:34, 51:54] = 255
    light = through(Rotation(degrees=90), spot, KEYS)[..., 0]
    y, x = np.mgrid[:65, :65] - 32
    total = light.sum(axis=(1, 2))
    found = np.degrees(np.arctan2((light * y).sum(axis=(1, 2)) / total, (light * x).sum(axis=(1, 2)) / total))
    np.testing.assert_allclose(np.abs(found), np.abs(angles), atol=1.5)


def test_a_crop_shows_only_what_was_there() -> None:
    ramp = np.broadcast_to(np.linspace(0, 255, 64, dtype=np.float32)[None, None, :, None], (60, 64, 64, 3))
    cropped = through(RandomCrop(smallest=0.5), ramp, KEYS)[:, 0, :, 0]
    widths = (cropped[:, -1] - cropped[:, 0]) / 255
    assert widths.min() == pytest.approx(0.5, abs=0.05)
    assert widths.max() == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize("side", [32, 96, 224])
@pytest.mark.parametrize("detail", [0, 0.3, 0.5, 1])
def test_elastic_moves_as_much_as_it_says(detail: float, side: int) -> None:
    number, height, width = 200, side, side + 32
    each = {
        name: tf.fill([number], tf.constant(value, tf.float32))
        for name, value in Elastic(strength=0.05, detail=detail).parameters().items()
    }
    keys = tf.constant(image_keys(0, 0, np.arange(number)))
    y, x = Elastic.places(tf.constant(float(height)), tf.constant(float(width)), keys, each)
    assert (y - np.arange(height)[:, None]).numpy().std() == pytest.approx(0.05 * height, rel=0.04)
    assert (x - np.arange(width)).numpy().std() == pytest.approx(0.05 * width, rel=0.04)


def test_elastic_is_seen_to_move_as_much_as_it_says() -> None:
    ramp = np.broadcast_to(np.arange(64, dtype=np.float32)[None, None, :, None], (60, 64, 64, 3))
    inner = (through(Elastic(strength=0.05), ramp, KEYS) - ramp)[:, 16:48, 16:48, 0]
    assert inner.std() == pytest.approx(0.05 * 64, rel=0.15)


def test_sliding_lines_is_sampling_sideways() -> None:
    """Far beyond the border too, where an image is mirrored again and again."""
    number, height, width = IMAGES.shape[:3]
    shift = RNG.uniform(-40, 40, (number, height)).astype(np.float32)
    y = np.broadcast_to(np.arange(height, dtype=np.float32)[None, :, None], (number, height, width))
    x = np.arange(width, dtype=np.float32) + shift[..., None]
    still = tf.zeros(number)
    wanted = sample(tf.constant(IMAGES), tf.constant(y), tf.constant(x), still, still)
    np.testing.assert_allclose(slide(tf.constant(IMAGES), tf.constant(shift)), wanted, atol=5e-3)
    np.testing.assert_array_equal(slide(tf.constant(IMAGES), tf.zeros((number, height))), IMAGES)


def test_lifting_lines_is_sampling_upwards() -> None:
    number, height, width = IMAGES.shape[:3]
    shift = RNG.uniform(-40, 40, number).astype(np.float32)
    x = np.broadcast_to(np.arange(width, dtype=np.float32), (number, height, width))
    y = np.arange(height, dtype=np.float32)[None, :, None] + shift[:, None, None] + np.zeros_like(x)
    still = tf.zeros(number)
    wanted = sample(tf.constant(IMAGES), tf.constant(y), tf.constant(x), still, still)
    np.testing.assert_allclose(lift(tf.constant(IMAGES), tf.constant(shift)), wanted, atol=5e-3)
    np.testing.assert_array_equal(lift(tf.constant(IMAGES), tf.zeros(number)), IMAGES)
