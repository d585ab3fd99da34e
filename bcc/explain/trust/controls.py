"""Baseline maps made without a model, with which every score of a map is compared."""

from __future__ import annotations

import cv2
import numpy as np

UNIFORM, CENTRE, DARKNESS = "uniform", "centre", "darkness"
CONTROLS = {
    UNIFORM: "The same everywhere: chance.",
    CENTRE: "A soft spot in the middle of every image, where the cell is.",
    DARKNESS: "How dark the image itself is: the nucleus, found without any model.",
}


def control(name: str, images: np.ndarray) -> np.ndarray:
    """Compute one map per image without the model.

    Args:
        name: one of `CONTROLS`.
        images: uint8 (N, H, W, 3) RGB.

    Returns:
        float32 (N, H, W), 0..1.
    """
    count, height, width = images.shape[:3]
    if name == UNIFORM:
        return np.ones((count, height, width), np.float32)
    if name == CENTRE:
        row, column = np.mgrid[:height, :width]
        away = ((row + 0.5) / height - 0.5) ** 2 + ((column + 0.5) / width - 0.5) ** 2
        return np.broadcast_to(np.exp(-away / (2 * 0.2**2)).astype(np.float32), (count, height, width))
    grey = np.stack([cv2.cvtColor(np.ascontiguousarray(one), cv2.COLOR_RGB2GRAY) for one in images])
    dark = 255 - grey.astype(np.float32)
    dark -= dark.min(axis=(1, 2), keepdims=True)
    dark /= np.maximum(dark.max(axis=(1, 2), keepdims=True), 1e-6)
    return dark
