"""Stain jitter moves the dyes, and only the dyes; the dyes that ship are those of the real cells."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from bcc.augment import picture_keys
from bcc.augment.colour import StainJitter
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
    keys = picture_keys(0, 0, np.arange(len(images)))
    return step(tf.constant(images), tf.constant(labels), tf.constant(keys))[0].numpy()


def test_a_dye_is_multiplied_and_the_other_stays() -> None:
    rng = np.random.default_rng(0)
    azure, eosin = rng.uniform(0.05, 1.0, (2, 40, 6, 6))
    images = painted(azure, eosin)
    before, after = amounts(images), amounts(jittered(StainJitter(azure=0.5, eosin=0, haze=0), images))
    factor = after[..., 0] / before[..., 0]
    assert np.ptp(factor.reshape(40, -1), axis=1).max() < 0.02, "one factor a picture"
    assert 0.5 < factor.min() < 0.65
    assert 1.35 < factor.max() < 1.5
    np.testing.assert_allclose(after[..., 1], before[..., 1], atol=5e-3)


def test_glass_stays_glass_without_haze() -> None:
    images = np.broadcast_to(GLASS.astype(np.float32), (8, 5, 5, 3))
    np.testing.assert_allclose(jittered(StainJitter(haze=0), images), images, atol=1e-3)
    assert np.abs(jittered(StainJitter(haze=0.1), images) - images).max() > 3


def test_zero_is_the_picture_bit_for_bit() -> None:
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
    step = StainJitter.for_pictures(images, azure=0.1)
    assert (step.azure, step.azure_red, step.glass_blue) == (0.1, found.azure[0], found.glass[2])


def test_bare_glass_has_no_dyes() -> None:
    with pytest.raises(UserError, match="too few to estimate the dyes"):
        estimate_stain_directions(np.full((3, 20, 20, 3), 230, np.uint8))


@pytest.mark.photographs
def test_the_shipped_dyes_are_those_of_real_cells(shared_data: Path) -> None:
    from bcc.datasets import load

    images = load(shared_data / "pbc").images
    assert estimate_stain_directions(images).angle_to(DIRECTIONS) < 4
