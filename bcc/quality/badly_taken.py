"""Cells as a bad photograph would show them, so that a model still learns to recognise them as cells."""

from __future__ import annotations

import cv2
import numpy as np


def badly_taken(cells: np.ndarray, seed: int) -> np.ndarray:
    """Spoil each cell in one way: too dark, too light, flat, out of focus, or tinted.

    Args:
        cells: uint8 (N, H, W, 3) RGB.
        seed: draws everything; the same cells and seed give the same images.

    Returns:
        uint8 (N, H, W, 3).
    """
    made = np.empty_like(cells)
    for number, cell in enumerate(cells):
        rng = np.random.default_rng((seed, number, 1))
        way, pixels = number % 7, cell.astype(np.float32)
        if way == 0:
            pixels = pixels * rng.uniform(0.2, 0.8)
        elif way == 1:
            pixels = 255 * (pixels / 255) ** np.exp(rng.choice([-1, 1]) * rng.uniform(0.3, 1.5))
        elif way == 2:
            pixels = 255 - (255 - pixels) * rng.uniform(0.2, 0.7)
        elif way == 3:
            middle = pixels.mean(axis=(0, 1)) if rng.random() < 0.5 else rng.uniform(90, 220)
            pixels = middle + (pixels - middle) * rng.uniform(0.1, 0.5)
        elif way == 4:
            pixels = pixels * rng.uniform(1.2, 2.2)
        elif way == 5:
            pixels = cv2.GaussianBlur(pixels, (0, 0), rng.uniform(1, 4))
        else:
            pixels = pixels * rng.uniform(0.75, 1.15, 3).astype(np.float32)
        made[number] = np.clip(np.rint(pixels), 0, 255)
    return made
