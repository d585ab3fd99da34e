"""The pixel operations against Pillow, TensorFlow and colorsys."""

from __future__ import annotations

import colorsys

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image, ImageEnhance, ImageOps

from bcc.augment import image_keys
from bcc.augment.colour import ChannelShift, ChannelShuffle, ColourJitter, Greyscale, Posterise, Solarise
from bcc.augment.colour.autocontrast import stretched
from bcc.augment.colour.brightness import brightened
from bcc.augment.colour.contrast import contrasted
from bcc.augment.colour.equalise import equalised
from bcc.augment.colour.hue import turned
from bcc.augment.colour.pixels import blended, by_channel, faded, grey, scaled_and_moved
from bcc.augment.colour.posterise import posterised
from bcc.augment.colour.saturation import saturated
from bcc.augment.colour.sharpness import sharpened
from bcc.augment.colour.solarise import solarised

NUMBER = 24


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    """Images of several kinds: noise, narrow ranges, few levels, one level."""
    rng = np.random.default_rng(11)
    low = rng.integers(0, 200, NUMBER)
    span = rng.integers(2, 56, NUMBER)
    span[:8] = 256 - low[:8]
    changed = np.stack([rng.integers(a, a + b, (21, 17, 3)) for a, b in zip(low, span, strict=True)])
    changed[-1] = 77
    changed[-2] = np.where(rng.random((21, 17, 3)) < 0.9, 30, 200)
    return changed.astype(np.uint8)


def of_each(value: float) -> tf.Tensor:
    return tf.fill([NUMBER, 1, 1, 1], np.float32(value))


def by_pillow(images: np.ndarray, change: object) -> np.ndarray:
    return np.stack([np.asarray(change(Image.fromarray(image))) for image in images]).astype(float)


@pytest.mark.parametrize("factor", [0.0, 0.35, 0.8, 1.0, 1.3, 1.9])
def test_enhancements_are_pillows(images: np.ndarray, factor: float) -> None:
    changed = tf.constant(images, tf.float32)
    change = of_each(factor - 1)
    for ours, theirs in [
        (brightened(changed, change), ImageEnhance.Brightness),
        (contrasted(changed, change), ImageEnhance.Contrast),
        (blended(changed, grey(changed), -change), ImageEnhance.Color),
        (sharpened(changed, change), ImageEnhance.Sharpness),
    ]:
        expected = by_pillow(images, lambda image, kind=theirs: kind(image).enhance(factor))
        # Pillow rounds grey, mean and smoothed images to whole levels before it blends.
        assert np.abs(ours.numpy() - expected).max() <= 1.0 + max(abs(1 - factor), factor) * 0.51, theirs


def test_autocontrast_is_pillows(images: np.ndarray) -> None:
    ours = stretched(tf.constant(images, tf.float32)).numpy()
    assert np.abs(ours - by_pillow(images, ImageOps.autocontrast)).max() < 1.001


def test_equalise_is_pillows_exactly(images: np.ndarray) -> None:
    ours = equalised(tf.constant(images, tf.float32)).numpy()
    np.testing.assert_array_equal(ours, by_pillow(images, ImageOps.equalize))


@pytest.mark.parametrize("bits", range(1, 9))
def test_posterise_is_pillows_exactly(images: np.ndarray, bits: int) -> None:
    ours = posterised(tf.constant(images, tf.float32), of_each(bits)).numpy()
    np.testing.assert_array_equal(ours, by_pillow(images, lambda image: ImageOps.posterize(image, bits)))


@pytest.mark.parametrize("threshold", [0, 1, 100, 255, 256])
def test_solarise_is_pillows_exactly(images: np.ndarray, threshold: int) -> None:
    ours = solarised(tf.constant(images, tf.float32), of_each(threshold)).numpy()
    expected = by_pillow(images, lambda image: ImageOps.solarize(image, threshold))
    np.testing.assert_array_equal(ours, expected)


@pytest.mark.parametrize("turn", [-0.4, -0.1, 0.03, 0.25, 0.5])
def test_hue_is_tensorflows_and_colorsys(images: np.ndarray, turn: float) -> None:
    ours = turned(tf.constant(images, tf.float32), of_each(turn)).numpy()
    theirs = tf.image.adjust_hue(tf.constant(images, tf.float32) / 255, turn).numpy() * 255
    assert np.abs(ours - theirs).max() < 0.05
    for pixel, changed in zip(images[0].reshape(-1, 3)[:40], ours[0].reshape(-1, 3), strict=False):
        hue, saturation, value = colorsys.rgb_to_hsv(*(pixel / 255))
        expected = np.array(colorsys.hsv_to_rgb((hue + turn) % 1, saturation, value)) * 255
        assert np.abs(changed - expected).max() < 0.05


@pytest.mark.parametrize("factor", [0.0, 0.5, 1.4, 5.0])
def test_saturation_is_tensorflows(images: np.ndarray, factor: float) -> None:
    ours = saturated(tf.constant(images, tf.float32), of_each(factor - 1)).numpy()
    theirs = tf.image.adjust_saturation(tf.constant(images, tf.float32) / 255, factor).numpy() * 255
    assert np.abs(ours - theirs).max() < 0.05


def drawn(step: object, number: int = 3000) -> tuple[np.ndarray, np.ndarray]:
    """Tiny images before and after a step, one draw each."""
    images = np.random.default_rng(3).integers(30, 200, (number, 4, 4, 3)).astype(np.float32)
    labels, keys = np.ones((number, 1), np.float32), image_keys(1, 0, np.arange(number))
    return images, step(tf.constant(images), tf.constant(labels), tf.constant(keys))[0].numpy()


def test_each_order_of_the_channels_is_as_common() -> None:
    before, after = drawn(ChannelShuffle(), 6000)
    orders = [(0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)]
    seen = np.stack([(before[..., list(order)] == after).all(axis=(1, 2, 3)) for order in orders])
    assert (seen.sum(axis=0) == 1).all()
    np.testing.assert_allclose(seen.mean(axis=1), 0.2, atol=0.02)


def test_each_number_of_bits_is_as_common() -> None:
    _, after = drawn(Posterise(bits=5), 4000)
    # The lowest bit that is set anywhere in an image is the lowest that was kept.
    lowest = np.bitwise_or.reduce(after.astype(np.int64).reshape(len(after), -1), axis=1)
    kept = 8 - np.round(np.log2(lowest & -lowest))
    shares = np.array([(kept == bits).mean() for bits in (5, 6, 7, 8)])
    np.testing.assert_allclose(shares, 0.25, atol=0.03)


def test_solarise_draws_evenly_from_its_threshold_on() -> None:
    before, after = drawn(Solarise(threshold=0.0), 4000)
    share = (before != after).mean()
    # A value v is turned when the threshold is at most v: with chance v / 256.
    assert share == pytest.approx(before.mean() / 256, abs=0.02)


def test_channels_are_shifted_apart() -> None:
    before, after = drawn(ChannelShift(shift=25.0))
    shift = (after - before)[:, 0, 0]
    assert np.abs(shift).max() <= 25.001
    assert np.abs(shift).mean(axis=0) == pytest.approx([12.5] * 3, abs=0.7)
    assert np.abs(np.corrcoef(shift.T) - np.eye(3)).max() < 0.08


def test_grey_has_no_colour_and_keeps_its_chance() -> None:
    before, after = drawn(Greyscale(probability=0.3))
    is_grey = (after.max(axis=-1) == after.min(axis=-1)).all(axis=(1, 2))
    assert is_grey.mean() == pytest.approx(0.3, abs=0.03)
    np.testing.assert_array_equal(after[~is_grey], before[~is_grey])


def test_jitter_of_one_kind_is_that_kind_alone() -> None:
    nothing = dict.fromkeys(("brightness", "contrast", "saturation", "hue"), 0.0)
    before, after = drawn(ColourJitter.model_validate(nothing | {"brightness": 0.2}), 300)
    factor = (after / before).reshape(300, -1)
    assert np.ptp(factor, axis=1).max() < 1e-4
    assert 0.8 <= factor.min() < 0.85
    assert 1.15 < factor.max() <= 1.2


def test_fading_is_blending_with_grey(images: np.ndarray) -> None:
    changed = tf.constant(images, tf.float32)
    share = np.linspace(0, 1, NUMBER).astype(np.float32)
    wanted = blended(changed, grey(changed), tf.constant(share[:, None, None, None]))
    np.testing.assert_allclose(faded(changed, tf.constant(share)), wanted, atol=1e-3)
    np.testing.assert_array_equal(faded(changed, tf.zeros(NUMBER)), changed)


def test_channels_by_themselves(images: np.ndarray) -> None:
    changed = tf.constant(images, tf.float32)
    np.testing.assert_array_equal(by_channel(changed, tf.reduce_max), images.max(axis=(1, 2)))
    np.testing.assert_allclose(by_channel(changed, tf.reduce_mean), images.mean(axis=(1, 2)), rtol=1e-5)
    factor, offset = np.random.default_rng(5).uniform(0, 2, (2, NUMBER, 3)).astype(np.float32)
    wanted = images * factor[:, None, None] + offset[:, None, None]
    np.testing.assert_allclose(scaled_and_moved(changed, factor, offset), wanted, rtol=1e-5)
