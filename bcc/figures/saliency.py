"""Where a model looked: a heat map over the image.

How the heat is computed, and whether to trust it, is left to `bcc.explain`.
"""

from __future__ import annotations

import cv2
import numpy as np

_MAP = cv2.COLORMAP_VIRIDIS


def overlay(image: np.ndarray, heat: np.ndarray, opacity: float = 0.6) -> np.ndarray:
    """Lay a heat map over an image.

    The colours are viridis, even steps for the eye and for the colour-blind, and green and yellow are
    rare in stained blood. Where there is no heat the image stays as it is; elsewhere the cover grows
    with the root of the heat.

    Args:
        image: uint8 (H, W, 3) RGB.
        heat: float (h, w), 0..1, of any size; enlarged smoothly. Values beyond are clipped, NaN is 0.
        opacity: how much the hottest places cover the image, 0..1.

    Returns:
        uint8 (H, W, 3) RGB.
    """
    level = _enlarged(heat, image.shape[0], image.shape[1])
    colours = cv2.applyColorMap(np.rint(level * 255).astype(np.uint8), _MAP)[..., ::-1]
    cover = (np.clip(opacity, 0, 1) * np.sqrt(level))[..., None]
    covered: np.ndarray = np.rint(image * (1 - cover) + colours * cover).astype(np.uint8)
    return covered


def _enlarged(heat: np.ndarray, height: int, width: int) -> np.ndarray:
    """float32 (height, width), 0..1."""
    known = np.clip(np.nan_to_num(np.asarray(heat, dtype=np.float32)), 0, 1)
    large: np.ndarray = cv2.resize(known, (width, height), interpolation=cv2.INTER_CUBIC)
    return large.clip(0, 1)
