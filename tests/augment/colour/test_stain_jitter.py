"""Stain jitter moves the dyes, and only the dyes; the dyes that ship are those of the real cells."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from scipy.optimize import nnls

from bcc.augment import image_keys
from bcc.augment.colour import StainJitter
from bcc.augment.colour.stain_jitter import _amounts
from bcc.cells.stain_directions import StainDirections, estimate_stain_directions
from bcc.errors import UserError

SHIPPED = StainJitter()
AZURE = np.array([SHIPPED.azure_red, SHIPPED.azure_green, SHIPPED.azure_blue])
EOSIN = np.array([SHIPPED.eosin_red, SHIPPED.eosin_green, SHIPPED.eosin_blue])
GLASS = np.array([SHIPPED.glass_red, SHIPPED.glass_green, SHIPPED.glass_blue])
DIRECTIONS = StainDirections(tuple(AZURE), tuple(EOSIN), tuple(GLASS))


def painted(azure: np.ndarray, eosin: np.ndarray) -> np.ndarray:
    """Pixels that carry so much of each dye on bare glass, float32 (..., 3)."""
    density = azure[..., None] * AZURE / np.linalg.norm(AZURE) + eosin[..., None] * EOSIN / np.linalg.norm(
        EOSIN
    )
    return ((GLASS + 1) * np.exp(-density) - 1).astype(np.float32)


def amounts(pixels: np.ndarray) -> np.ndarray:
    """How much of each dye explains pixels, (..., 2)."""
    density = np.log((GLASS + 1) / (pixels + 1))
    dyes = np.stack([AZURE / np.linalg.norm(AZURE), EOSIN / np.linalg.norm(EOSIN)])
    return density @ np.linalg.pinv(dyes)


def jittered(step: StainJitter, images: np.ndarray) -> np.ndarray:
    labels = np.ones((len(images), 1), np.float32)
    keys = image_keys(0, 0, np.arange(len(images)))
    return step(tf.constant(images), tf.constant(labels), tf.constant(keys))[0].numpy()


def test_a_dye_is_multiplied_and_the_other_stays() -> None:
    rng = np.random.default_rng(0)
    azure, eosin = rng.uniform(0.05, 1.0, (2, 40, 6, 6))
    images = painted(azure, eosin)
    before, after = amounts(images), amounts(jittered(StainJitter(azure=0.5, eosin=0, haze=0), images))
    factor = after[..., 0] / before[..., 0]
    assert np.ptp(factor.reshape(40, -1), axis=1).max() < 0.02, "one factor an image"
    assert 0.5 < factor.min() < 0.65
    assert 1.35 < factor.max() < 1.5
    np.testing.assert_allclose(after[..., 1], before[..., 1], atol=5e-3)


@pytest.mark.parametrize(
    "dyes",
    [
        (AZURE, EOSIN),
        ([1.0, 0.0, 0.0], [0.0, 1.0, 0.0]),
        ([0.5, 0.5, 0.7], [0.55, 0.5, 0.7]),
        ([0.0, 0.0, 1.0], [0.6, 0.6, 0.6]),
    ],
    ids=["shipped", "at right angles", "nearly alike", "one channel"],
)
def test_amounts_are_the_non_negative_least_squares(dyes: tuple[np.ndarray, np.ndarray]) -> None:
    """Clamping a negative amount is not enough: the other dye must then explain the pixel by itself."""
    matrix = np.array([np.asarray(dye) / np.linalg.norm(dye) for dye in dyes])
    rng = np.random.default_rng(2)
    density = rng.exponential(0.5, (400, 3)) * rng.integers(0, 2, (400, 3))
    wanted = np.array([nnls(matrix.T, pixel)[0] for pixel in density])
    assert (wanted == 0).any(axis=1).sum() > 100, "many pixels need one dye alone"
    given = tf.constant(density.reshape(1, 20, 20, 3), tf.float32)
    found = _amounts(given, tf.constant(matrix[None], tf.float32)).numpy().reshape(-1, 2)
    assert found.min() >= 0
    np.testing.assert_allclose(found @ matrix, wanted @ matrix, atol=1e-4)
    np.testing.assert_allclose(found, wanted, atol=2e-3)


def test_two_dyes_of_one_colour_are_one() -> None:
    same = np.array([AZURE, AZURE]) / np.linalg.norm(AZURE)
    given = tf.constant(0.7 * same[0].reshape(1, 1, 1, 3), tf.float32)
    found = _amounts(given, tf.constant(same[None], tf.float32)).numpy().reshape(2)
    np.testing.assert_allclose(found, [0.7, 0], atol=1e-4)


def test_glass_stays_glass_without_haze() -> None:
    images = np.broadcast_to(GLASS.astype(np.float32), (8, 5, 5, 3))
    np.testing.assert_allclose(jittered(StainJitter(haze=0), images), images, atol=1e-3)
    assert np.abs(jittered(StainJitter(haze=0.1), images) - images).max() > 3


def test_zero_is_the_image_bit_for_bit() -> None:
    images = np.random.default_rng(1).uniform(0, 255, (5, 9, 9, 3)).astype(np.float32)
    np.testing.assert_array_equal(jittered(StainJitter(azure=0, eosin=0, haze=0), images), images)


def painted_cells(number: int) -> np.ndarray:
    """A cell of mixed dye on glass with noise, uint8 (N, 48, 48, 3)."""
    rng = np.random.default_rng(4)
    y, x = np.mgrid[:48, :48]
    inside = np.hypot(y - 24, x - 24) < 15
    share = rng.uniform(0, 1, (number, 48, 48))
    amount = rng.uniform(0.4, 1.2, (number, 48, 48)) * inside
    pixels = painted(amount * share, amount * (1 - share)) + rng.normal(0, 1, (number, 48, 48, 3))
    return np.clip(np.rint(pixels), 0, 255).astype(np.uint8)


def test_known_dyes_are_found_again() -> None:
    images = painted_cells(20)
    found = estimate_stain_directions(images)
    assert found.angle_to(DIRECTIONS) < 8
    assert np.abs(np.array(found.glass) - GLASS).max() < 4
    assert estimate_stain_directions(images) == found
    step = StainJitter.for_images(images, azure=0.1)
    assert (step.azure, step.azure_red, step.glass_blue) == (0.1, found.azure[0], found.glass[2])


def test_bare_glass_has_no_dyes() -> None:
    with pytest.raises(UserError, match="too few to estimate the dyes"):
        estimate_stain_directions(np.full((3, 20, 20, 3), 230, np.uint8))


@pytest.mark.photographs
def test_the_shipped_dyes_are_those_of_real_cells(shared_data: Path) -> None:
    from bcc.datasets import load

    images = load(shared_data / "pbc").images
    assert estimate_stain_directions(images).angle_to(DIRECTIONS) < 4
