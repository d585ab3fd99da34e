from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from bcc.augment import Augmentation, image_keys
from bcc.augment.keys import normal, uniform
from bcc.augment.optics import Defocus, GaussianBlur, Jpeg, Noise, Vignetting

KEYS = image_keys(5, 0, np.arange(16))
IMAGES = np.random.default_rng(1).integers(0, 256, (16, 40, 48, 3)).astype(np.float32)
GREY = np.full((16, 64, 64, 3), 128, np.float32)


def through(step: Augmentation, images: np.ndarray) -> np.ndarray:
    labels = np.ones((len(images), 1), np.float32)
    return step(tf.constant(images), tf.constant(labels), tf.constant(KEYS))[0].numpy()


def test_gaussian_blur_is_opencvs() -> None:
    blurred = through(GaussianBlur(sigma=3), IMAGES)
    sigmas = uniform(tf.constant(KEYS), 1, "gaussian blur").numpy()[:, 0] * 3
    for image, found, sigma in zip(IMAGES, blurred, sigmas, strict=True):
        expected = cv2.GaussianBlur(image, (25, 25), float(sigma))
        np.testing.assert_allclose(found[13:-13, 13:-13], expected[13:-13, 13:-13], atol=0.3)


def test_defocus_makes_a_disc_of_a_point() -> None:
    points = np.zeros((16, 31, 31, 3), np.float32)
    points[:, 15, 15] = 250
    spread = through(Defocus(radius=4), points)
    radii = uniform(tf.constant(KEYS), 1, "defocus").numpy()[:, 0] * 4
    np.testing.assert_allclose(spread.sum(axis=(1, 2)), 250, rtol=1e-3)
    far = np.hypot(*(np.mgrid[:31, :31] - 15))
    for image, radius in zip(spread, radii, strict=True):
        assert image[far > radius + 0.51].max(initial=0) == 0
        assert image[far < radius - 0.51].min(initial=255) > 0


def test_noise_has_the_drawn_strength() -> None:
    found = through(Noise(level=20), GREY).std(axis=(1, 2, 3))
    levels = uniform(tf.constant(KEYS), 1, "noise").numpy()[:, 0] * 20
    np.testing.assert_allclose(found, levels, rtol=0.05, atol=0.05)


def test_jpeg_is_opencvs_at_the_drawn_quality() -> None:
    smooth = np.stack([cv2.GaussianBlur(image, (0, 0), 3) for image in IMAGES])
    stored = through(Jpeg(quality=10), smooth)
    errors = np.abs(stored - smooth).mean(axis=(1, 2, 3))
    quality = np.round(100 - uniform(tf.constant(KEYS), 1, "jpeg").numpy()[:, 0] * 90)
    assert np.corrcoef(errors, quality)[0, 1] < -0.5
    assert errors.min() > 0
    assert errors.max() < 20


@pytest.mark.parametrize("lowest", [90, 50, 5])
def test_jpeg_is_what_pillow_stores_and_reads(lowest: int) -> None:
    """To the bit: the fast decoder, which TensorFlow takes by itself, tints all images green."""
    stored = through(Jpeg(quality=lowest), IMAGES)
    quality = np.round(100 - uniform(tf.constant(KEYS), 1, "jpeg").numpy()[:, 0] * (100 - lowest))
    for image, found, chosen in zip(IMAGES.astype(np.uint8), stored, quality, strict=True):
        file = io.BytesIO()
        Image.fromarray(image).save(file, "JPEG", quality=int(chosen))
        expected = image if chosen == 100 else np.asarray(Image.open(file))
        np.testing.assert_array_equal(found, expected)


def test_vignetting_darkens_the_corners_most() -> None:
    shaded = through(Vignetting(darkness=0.8, off_centre=0), GREY)[..., 0]
    assert (shaded[:, 32, 32] > 127).all()
    assert (shaded.reshape(16, -1).argmin(axis=1) % 63 <= 64).all()
    lost = 1 - shaded[:, 0, 0] / 128
    draw = uniform(tf.constant(KEYS), 3, "vignetting").numpy()[:, 0]
    np.testing.assert_allclose(lost, 0.8 * draw, atol=0.01)


def test_normal_draws_are_normal() -> None:
    values = normal(tf.constant(image_keys(0, 0, np.arange(2000))), (5,), "x").numpy()
    assert np.abs(values.mean(axis=0)).max() < 0.08
    assert np.abs(values.std(axis=0) - 1).max() < 0.06
    assert np.abs(np.corrcoef(values.T) - np.eye(5)).max() < 0.08
    assert 0.0005 < (np.abs(values) > 3).mean() < 0.006
