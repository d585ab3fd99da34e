"""What is densest in an image and nearest its middle: where a cell, if there is one, has its nucleus.

Looked for at one size, since what is smoothed and cut has its size in pixels. The result
is used by `bcc.cells.masks` and `bcc.cells.presence`.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from bcc.cells.stains import azure

USUAL_SIDE = 96
"""Pixels on the shorter side at which outlines are sought."""
LEAST_AZURE = 0.05
"""Optical density of red light in the densest hundredth of an image below which nothing is stained."""

ELLIPSE = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
_SMALL = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))


def is_far_from_usual(density: np.ndarray) -> bool:
    """Whether an image is so much larger or smaller that it is looked at in another size."""
    return not 0.8 * USUAL_SIDE <= min(density.shape[:2]) <= 1.2 * USUAL_SIDE


def at_usual_size(density: np.ndarray) -> np.ndarray:
    """A density map (H, W, 3) whose shorter side is `USUAL_SIDE` pixels long."""
    height, width = density.shape[:2]
    zoom = USUAL_SIDE / min(height, width)
    size = (max(round(width * zoom), 1), max(round(height * zoom), 1))
    return np.asarray(
        cv2.resize(density, size, interpolation=cv2.INTER_AREA if zoom < 1 else cv2.INTER_LINEAR)
    )


def dense_parts(density: np.ndarray) -> np.ndarray:
    """Where azure is denser than halfway between glass and the densest parts."""
    amount = azure(density)
    last = int(0.99 * amount.size)
    top = float(np.partition(amount, last, axis=None)[last])
    if top < LEAST_AZURE:
        return np.zeros(amount.shape, bool)
    scaled = np.clip(amount / top * 255, 0, 255).astype(np.uint8)
    # Among the stained pixels only, so that a large cell and a small one are cut alike.
    some = scaled[scaled > 0.25 * 255]
    level, _ = cv2.threshold(some.reshape(1, -1), 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    dense = (scaled > np.clip(level, 0.4 * 255, 0.75 * 255)).astype(np.uint8)
    dense = cv2.morphologyEx(cv2.morphologyEx(dense, cv2.MORPH_CLOSE, _SMALL), cv2.MORPH_OPEN, ELLIPSE)
    return filled(dense > 0)


def central_parts(dense: np.ndarray) -> np.ndarray:
    """The part nearest the middle, weighed by size, and those that lie close to it: lobes of one nucleus."""
    count, numbers = cv2.connectedComponents(dense.astype(np.uint8))
    if count < 2:
        return np.zeros(dense.shape, bool)
    side = min(dense.shape)
    nearness = _nearness(*dense.shape)
    weight = np.bincount(numbers.ravel(), nearness.ravel(), minlength=count)
    weight[0] = 0
    main = numbers == weight.argmax()
    if count == 2:
        return np.asarray(main)
    away = cv2.distanceTransform((~main).astype(np.uint8), cv2.DIST_L2, 3)
    chosen = main
    for number in range(1, count):
        part = numbers == number
        if weight[number] > 0 and away[part].min() < 0.08 * side and nearness[part].mean() > 0.12:
            chosen = chosen | part
    return np.asarray(chosen)


@lru_cache(maxsize=4)
def _nearness(height: int, width: int) -> np.ndarray:
    """How near each pixel is to the middle, 0..1."""
    row, column = np.mgrid[:height, :width]
    reach = 2 * (0.18 * min(height, width)) ** 2
    return np.asarray(np.exp(-((row - height / 2) ** 2 + (column - width / 2) ** 2) / reach))


def filled(mask: np.ndarray) -> np.ndarray:
    """A mask without holes."""
    outlines, _ = cv2.findContours(mask.view(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    whole = np.zeros(mask.shape, np.uint8)
    cv2.drawContours(whole, outlines, -1, 1, cv2.FILLED)
    return whole.view(bool)
