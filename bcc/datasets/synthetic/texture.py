"""Random textures with a grain of given size: chromatin, mottled cytoplasm, uneven background.

A texture is drawn on a fixed grid in the image's own coordinates and then resized, so a cell has the
same grain at any image size.
"""

from __future__ import annotations

import cv2
import numpy as np


def grain(rng: np.random.Generator, canvas: int, size: float) -> np.ndarray:
    """Smooth noise of mean 0 and spread 1.

    Args:
        rng: draws the noise.
        canvas: side of the result.
        size: standard deviation of the smoothing, in pixels of a 96-pixel image.

    Returns:
        float32 (canvas, canvas).
    """
    side = 192 if size < 0.9 else 96 if size < 4.0 else 48
    # Bytes are drawn forty times as fast as normal numbers, and smoothing makes them normal.
    drawn = np.frombuffer(rng.bytes(side * side), np.uint8).reshape(side, side)
    noise = (drawn.astype(np.float32) - np.float32(127.5)) * np.float32(1.0 / 73.9)
    sigma = size * side / 96.0
    noise = cv2.GaussianBlur(noise, (0, 0), sigma, borderType=cv2.BORDER_REFLECT_101)
    # White noise smoothed with a wide Gaussian keeps 1 / (2 sqrt(pi) sigma) of its spread.
    noise *= np.float32(max(1.0, 2.0 * np.sqrt(np.pi) * sigma))
    if side != canvas:
        shrinks = canvas < side
        noise = cv2.resize(
            noise, (canvas, canvas), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
        )
    return np.asarray(noise)


def spots(x: np.ndarray, y: np.ndarray, weight: np.ndarray, canvas: int, diameter: float) -> np.ndarray:
    """Soft round spots at given places.

    Args:
        x, y: float (n,), centres in pixels of a 96-pixel image.
        weight: float (n,), height of each spot.
        canvas: side of the result.
        diameter: of a spot, in pixels of a 96-pixel image.

    Returns:
        float32 (canvas, canvas): the sum of the spots.
    """
    scale = canvas / 96.0
    column, row = x * scale - 0.5, y * scale - 0.5
    inside = (column >= 0) & (row >= 0) & (column < canvas - 1) & (row < canvas - 1)
    column, row, height = column[inside], row[inside], weight[inside]
    left, top = column.astype(np.int64), row.astype(np.int64)
    right, down = column - left, row - top
    corner = top * canvas + left
    places = np.concatenate([corner, corner + 1, corner + canvas, corner + canvas + 1])
    shares = np.concatenate(
        [
            height * (1 - right) * (1 - down),
            height * right * (1 - down),
            height * (1 - right) * down,
            height * right * down,
        ]
    )
    field = np.bincount(places, shares, canvas * canvas).reshape(canvas, canvas).astype(np.float32)
    sigma = max(0.35 * diameter * scale, 0.4)
    return np.asarray(cv2.GaussianBlur(field, (0, 0), sigma) * np.float32(2.0 * np.pi * sigma**2))
