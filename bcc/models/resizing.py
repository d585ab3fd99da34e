"""Bring images to the side that a model looks at: one function for training and for prediction."""

from __future__ import annotations

import cv2
import numpy as np


def resize_batch(images: np.ndarray, image_size: int) -> np.ndarray:
    """Resize square-ish images.

    Args:
        images: uint8 (N, H, W, 3).
        image_size: side of the result in pixels.

    Returns:
        uint8 (N, image_size, image_size, 3): averaged over areas when shrinking (no aliasing), cubic
        when enlarging; the same array when nothing is to be done.
    """
    height, width = images.shape[1:3]
    if (height, width) == (image_size, image_size):
        return images
    how = cv2.INTER_AREA if image_size < min(height, width) else cv2.INTER_CUBIC
    resized = np.empty((len(images), image_size, image_size, 3), np.uint8)
    for image, place in zip(images, resized, strict=True):
        cv2.resize(image, (image_size, image_size), dst=place, interpolation=how)
    return resized
