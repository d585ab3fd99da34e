"""An image with masks drawn over it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np


def outlined(
    image: np.ndarray,
    masks: Mapping[tuple[int, int, int], np.ndarray],
    cover: float = 0.28,
    side: int = 192,
) -> np.ndarray:
    """Tint each mask in its colour and draw its outline.

    Args:
        image: uint8 (H, W, 3) RGB.
        masks: RGB colour (0..255 each) -> bool (H, W); later ones lie on top.
        cover: how much the colour covers the inside, 0..1.
        side: the image is enlarged to at least so many px, so that outlines are thin.

    Returns:
        uint8 (H', W', 3) RGB.
    """
    import cv2

    scale = max(1, -(-side // min(image.shape[:2])))
    drawn = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC).astype(np.float32)
    for colour, mask in masks.items():
        large = cv2.resize(mask.astype(np.uint8), drawn.shape[1::-1], interpolation=cv2.INTER_NEAREST)
        inside = large > 0
        drawn[inside] = (1 - cover) * drawn[inside] + cover * np.array(colour, np.float32)
        lines, _ = cv2.findContours(large, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        drawn = cv2.drawContours(np.ascontiguousarray(drawn), lines, -1, colour, scale, cv2.LINE_AA)
    outlined: np.ndarray = np.clip(drawn, 0, 255).astype(np.uint8)
    return outlined
