from __future__ import annotations

import numpy as np
import pytest

from bcc.models.resizing import resize_batch


def test_images_of_the_right_size_are_passed_on() -> None:
    images = np.zeros((2, 32, 32, 3), np.uint8)
    assert resize_batch(images, 32) is images


def test_shrinking_averages_areas() -> None:
    """One white pixel in sixteen gives a sixteenth of white: no pixel is skipped (aliasing)."""
    images = np.zeros((1, 128, 128, 3), np.uint8)
    images[:, ::4, ::4] = 255
    assert np.abs(resize_batch(images, 32).astype(int) - 16).max() <= 1


@pytest.mark.parametrize("shape", [(20, 20), (20, 50), (100, 30)])
def test_shape_and_type(shape: tuple[int, int]) -> None:
    images = np.random.default_rng(0).integers(0, 256, (3, *shape, 3), dtype=np.uint8)
    resized = resize_batch(images, 32)
    assert resized.shape == (3, 32, 32, 3)
    assert resized.dtype == np.uint8


def test_channels_keep_their_order() -> None:
    images = np.zeros((1, 16, 16, 3), np.uint8)
    images[...] = (200, 100, 50)
    assert (resize_batch(images, 48) == (200, 100, 50)).all()


def test_enlarging_keeps_what_it_shows() -> None:
    ramp = np.broadcast_to(np.arange(0, 256, 16, dtype=np.uint8)[None, None, :, None], (1, 16, 16, 3))
    large = resize_batch(ramp, 64)[0, 32, :, 0].astype(int)
    assert (np.diff(large) >= 0).all()
    assert large[0] < 5
    assert large[-1] > 235
