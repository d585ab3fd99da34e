"""Where the cell is in a picture of one cell.

`violet_mask` is the course's mask made right: violet pixels in HSV, smoothed, the largest outline filled. It
finds what is strongly stained. `nucleus_mask` and `cell_mask` measure the stain itself: the nucleus is where
azure is dense, and the cell is what azure and eosin have coloured around it, red cells left out by their own
colour. How the stain is measured is the matter of `bcc.cells.stains`.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from bcc.cells.nucleus import is_nucleus
from bcc.cells.red_cells import cell_pixels
from bcc.cells.stains import azure, optical_density

if TYPE_CHECKING:
    import pandas as pd

VIOLET_LOW = (120, 5, 50)
VIOLET_HIGH = (179, 205, 190)
"""HSV bounds in OpenCV's units, hue 0..179, the others 0..255. The course asked for hue up to 200."""

HEAD_STARTS = {2: (0.02, -0.05), 3: (0.02, 0.0, -0.05)}
"""What is added to the wholeness of each answer of `cell_pixels`: haemoglobin is known, outlines alone say least."""

LEAST_AZURE = 0.05
"""Optical density of red light in the densest hundredth of a picture below which nothing is stained."""
LEAST_NUCLEUS = 0.05
"""Share of the cell below which dense stain is no nucleus."""

_ELLIPSE = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
_SMALL = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
_CHUNK = 64

Mask = Callable[[np.ndarray], np.ndarray]


def violet_mask(picture: np.ndarray) -> np.ndarray:
    """The course's mask: violet in HSV, smoothed, eroded once, dilated three times, largest outline filled.

    Args:
        picture: uint8 (H, W, 3) RGB.

    Returns:
        bool (H, W); empty where nothing is violet.
    """
    hsv = cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_RGB2HSV)
    violet = cv2.inRange(hsv, np.array(VIOLET_LOW), np.array(VIOLET_HIGH))
    violet = cv2.threshold(cv2.GaussianBlur(violet, (7, 7), 0), 127, 255, cv2.THRESH_BINARY)[1]
    square = np.ones((5, 5), np.uint8)
    violet = cv2.dilate(cv2.erode(violet, square), square, iterations=3)
    outlines, _ = cv2.findContours(violet, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = np.zeros(violet.shape, np.uint8)
    if outlines:
        cv2.drawContours(filled, [max(outlines, key=cv2.contourArea)], -1, 1, cv2.FILLED)
    return filled.astype(bool)


def nucleus_mask(picture: np.ndarray) -> np.ndarray:
    """Where azure is dense, in the cell in the middle.

    Args:
        picture: uint8 (H, W, 3) RGB.

    Returns:
        bool (H, W); empty for a cell without a nucleus.
    """
    density = optical_density(np.ascontiguousarray(picture))
    return nucleus_in(density, cell_in(density))


def cell_mask(picture: np.ndarray) -> np.ndarray:
    """The cell in the middle, nucleus and cytoplasm.

    Args:
        picture: uint8 (H, W, 3) RGB.

    Returns:
        bool (H, W); empty where nothing is stained.
    """
    return cell_in(optical_density(np.ascontiguousarray(picture)))


def cell_in(density: np.ndarray) -> np.ndarray:
    """`cell_mask` of a picture whose optical density is known.

    Args:
        density: float32 (H, W, 3), from `optical_density`.
    """
    seeds = _central_parts(_dense(density))
    if not seeds.any():
        return seeds
    found = [_outlined(pixels, seeds) for pixels in cell_pixels(density, seeds)]
    ranks = [_wholeness(cell) + start for cell, start in zip(found, HEAD_STARTS[len(found)], strict=True)]
    return found[int(np.argmax(ranks))]


def _outlined(pixels: np.ndarray, seeds: np.ndarray) -> np.ndarray:
    """The piece that holds the seeds, smooth and without holes."""
    stained = cv2.medianBlur(pixels.view(np.uint8), 5)
    stained = cv2.morphologyEx(stained, cv2.MORPH_OPEN, _ELLIPSE)
    whole = _filled(_main_part((stained > 0) | seeds, seeds))
    # Thin bridges to a neighbour are cut, and what hangs behind them falls off.
    size = 2 * int(0.25 * np.sqrt(whole.sum() / np.pi)) + 1
    opened = cv2.morphologyEx(
        whole.astype(np.uint8), cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    )
    return _filled(_main_part((opened > 0) | seeds, seeds))


def _wholeness(mask: np.ndarray) -> float:
    """How much a mask looks like one whole cell: bulging, large, not cut by the border.

    Red cells that hang on and cytoplasm that is missing make dents.
    """
    outlines, _ = cv2.findContours(mask.view(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not outlines:
        return 0.0
    area = float(np.count_nonzero(mask))
    hull = cv2.convexHull(np.concatenate(outlines))
    around = cv2.arcLength(hull, True)
    # Outlines run through the middle of the outermost pixels.
    solidity = area / (cv2.contourArea(hull) + around / 2 + 1)
    cut = sum(np.count_nonzero(line) for line in (mask[0], mask[-1], mask[:, 0], mask[:, -1]))
    return solidity + 0.5 * area / mask.size - 0.5 * cut / max(around, 1)


def nucleus_in(density: np.ndarray, cell: np.ndarray) -> np.ndarray:
    """`nucleus_mask` of a picture whose optical density and cell are known.

    Args:
        density: float32 (H, W, 3), from `optical_density`.
        cell: bool (H, W), from `cell_in`.
    """
    nothing = np.zeros_like(cell)
    if not cell.any():
        return nothing
    # Chromatin is coarse: smoothing over it keeps the nucleus in one piece.
    amount = cv2.GaussianBlur(density[..., 0], (0, 0), 1.5)
    densest = max(float(np.quantile(amount[cell], 0.9)), 1e-3)
    scaled = np.clip(amount * (150 / densest), 0, 255).astype(np.uint8)
    level, _ = cv2.threshold(scaled[cell].reshape(1, -1), 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    # A cell that is nearly all nucleus has no second level to be told from.
    dense = ((scaled > min(level, 0.6 * 150)) & cell).astype(np.uint8)
    found = _central_parts(_filled(cv2.morphologyEx(dense, cv2.MORPH_OPEN, _ELLIPSE) > 0))
    if np.count_nonzero(found) < LEAST_NUCLEUS * np.count_nonzero(cell):
        return nothing
    return found if is_nucleus(density, cell, found) else nothing


def masks(images: np.ndarray, mask: Mask = cell_mask, rows: np.ndarray | None = None) -> np.ndarray:
    """The mask of many pictures.

    Args:
        images: uint8 (N, H, W, 3) RGB, may be memory-mapped.
        mask: `violet_mask`, `nucleus_mask` or `cell_mask`.
        rows: which rows, in this order; all of them when missing.

    Returns:
        bool (M, H, W).
    """
    chosen = np.arange(len(images)) if rows is None else np.asarray(rows, np.int64)
    made = np.empty((len(chosen), *images.shape[1:3]), bool)

    def fill(start: int) -> None:
        for place, row in enumerate(chosen[start : start + _CHUNK], start):
            made[place] = mask(np.asarray(images[row]))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(fill, range(0, len(chosen), _CHUNK)))
    return made


def mask_measurements(found: np.ndarray) -> pd.DataFrame:
    """Size of masks, a row each.

    Args:
        found: bool (N, H, W).

    Returns:
        `area` (px), `share` (0..1 of the picture), `parts` (how many pieces, touching corners count as one).
    """
    import pandas as pd

    area = found.reshape(len(found), -1).sum(axis=1)
    parts = [cv2.connectedComponents(np.ascontiguousarray(one, np.uint8))[0] - 1 for one in found]
    size = max(int(np.prod(found.shape[1:])), 1)
    return pd.DataFrame({"area": area, "share": area / size, "parts": np.array(parts, np.int64)})


def dice(found: np.ndarray, true: np.ndarray) -> np.ndarray:
    """Dice score of masks, float64 (N,) in 0..1: twice the overlap over the sum; 1 where both are empty.

    Args:
        found, true: bool (N, H, W).
    """
    axes = (1, 2)
    total = found.sum(axis=axes) + true.sum(axis=axes)
    return np.where(total > 0, 2 * (found & true).sum(axis=axes) / np.maximum(total, 1), 1.0)


def _dense(density: np.ndarray) -> np.ndarray:
    """Where azure is denser than halfway between glass and the densest parts."""
    amount = azure(density)
    top = float(np.quantile(amount, 0.99))
    if top < LEAST_AZURE:
        return np.zeros(amount.shape, bool)
    scaled = np.clip(amount / top * 255, 0, 255).astype(np.uint8)
    # Among the stained pixels only, so that a large cell and a small one are cut alike.
    some = scaled[scaled > 0.25 * 255]
    level, _ = cv2.threshold(some.reshape(1, -1), 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    dense = (scaled > np.clip(level, 0.4 * 255, 0.75 * 255)).astype(np.uint8)
    dense = cv2.morphologyEx(cv2.morphologyEx(dense, cv2.MORPH_CLOSE, _SMALL), cv2.MORPH_OPEN, _ELLIPSE)
    return _filled(dense > 0)


def _central_parts(dense: np.ndarray) -> np.ndarray:
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
        return main
    away = cv2.distanceTransform((~main).astype(np.uint8), cv2.DIST_L2, 3)
    chosen = main
    for number in range(1, count):
        part = numbers == number
        if weight[number] > 0 and away[part].min() < 0.08 * side and nearness[part].mean() > 0.12:
            chosen = chosen | part
    return chosen


@lru_cache(maxsize=4)
def _nearness(height: int, width: int) -> np.ndarray:
    """How near each pixel is to the middle, 0..1."""
    row, column = np.mgrid[:height, :width]
    reach = 2 * (0.18 * min(height, width)) ** 2
    return np.asarray(np.exp(-((row - height / 2) ** 2 + (column - width / 2) ** 2) / reach))


def _main_part(mask: np.ndarray, seeds: np.ndarray) -> np.ndarray:
    """The pieces of a mask that touch the seeds."""
    _, numbers = cv2.connectedComponents(mask.astype(np.uint8))
    touched = np.unique(numbers[seeds & mask])
    kept: np.ndarray = np.isin(numbers, touched[touched > 0])
    return kept


def _filled(mask: np.ndarray) -> np.ndarray:
    """A mask without holes."""
    outlines, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = np.zeros(mask.shape, np.uint8)
    cv2.drawContours(filled, outlines, -1, 1, cv2.FILLED)
    return filled.astype(bool)
