"""Masks of cell and nucleus in an image of one cell.

`violet_mask` is the corrected mask of the course: violet pixels in HSV, smoothed, the largest outline filled.
It finds what is strongly stained. `nucleus_mask` and `cell_mask` measure the stain itself: the nucleus is
where azure is dense, and the cell is what azure and eosin have coloured around it, red cells left out by
their own colour. The stain is measured by `bcc.cells.stains`.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import cv2
import numpy as np

from bcc.cells.dense import (
    ELLIPSE,
    at_usual_size,
    central_parts,
    dense_parts,
    filled,
    is_far_from_usual,
)
from bcc.cells.nucleus import is_nucleus
from bcc.cells.red_cells import CellPixels
from bcc.cells.stains import optical_density

if TYPE_CHECKING:
    import pandas as pd

VIOLET_LOW = (120, 5, 50)
VIOLET_HIGH = (179, 205, 190)
"""HSV bounds in OpenCV's units, hue 0..179, the others 0..255. The course asked for hue up to 200."""

ALIKE = 0.03
"""Share of a cell by which two of its outlines may differ and still be the same."""
HEAD_START, LATE_START = 0.02, 0.05
"""Added to the wholeness of the outline that knows haemoglobin, taken from that which knows no red cells."""
LEAST_NUCLEUS = 0.05
"""Share of the cell below which dense stain is no nucleus."""

_CHUNK = 64

Mask = Callable[[np.ndarray], np.ndarray]


def violet_mask(image: np.ndarray) -> np.ndarray:
    """The course's mask: violet in HSV, smoothed, eroded once, dilated three times, largest outline filled.

    Args:
        image: uint8 (H, W, 3) RGB.

    Returns:
        bool (H, W); empty where nothing is violet.
    """
    hsv = cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2HSV)
    violet = cv2.inRange(hsv, np.array(VIOLET_LOW), np.array(VIOLET_HIGH))
    violet = cv2.threshold(cv2.GaussianBlur(violet, (7, 7), 0), 127, 255, cv2.THRESH_BINARY)[1]
    square = np.ones((5, 5), np.uint8)
    violet = cv2.dilate(cv2.erode(violet, square), square, iterations=3)
    outlines, _ = cv2.findContours(violet, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    largest = np.zeros(violet.shape, np.uint8)
    if outlines:
        cv2.drawContours(largest, [max(outlines, key=cv2.contourArea)], -1, 1, cv2.FILLED)
    return largest.astype(bool)


def nucleus_mask(image: np.ndarray) -> np.ndarray:
    """Where azure is dense, in the cell in the middle.

    Args:
        image: uint8 (H, W, 3) RGB.

    Returns:
        bool (H, W); empty for a cell without a nucleus.
    """
    density = optical_density(np.ascontiguousarray(image))
    return nucleus_in(density, cell_in(density))


def cell_mask(image: np.ndarray) -> np.ndarray:
    """The cell in the middle, nucleus and cytoplasm.

    Args:
        image: uint8 (H, W, 3) RGB.

    Returns:
        bool (H, W); empty where nothing is stained.
    """
    return cell_in(optical_density(np.ascontiguousarray(image)))


def cell_in(density: np.ndarray) -> np.ndarray:
    """`cell_mask` of an image whose optical density is known.

    Args:
        density: float32 (H, W, 3), from `optical_density`.
    """
    if is_far_from_usual(density):
        return _resized(cell_in(at_usual_size(density)), density)
    seeds = central_parts(dense_parts(density))
    if not seeds.any():
        return seeds
    pixels = CellPixels(density, seeds)
    known, everything = _piece(pixels.by_haemoglobin(), seeds), _piece(pixels.stained, seeds)
    whole = known
    # Where nothing hangs on the cell there is nothing to be told apart.
    if np.count_nonzero(known ^ everything) > ALIKE * np.count_nonzero(known):
        answers = [(HEAD_START, known), (-LATE_START, everything)]
        own = pixels.by_own_red_cells()
        if own is not None:
            answers.append((0.0, _piece(own, seeds)))
        whole = max(answers, key=lambda answer: answer[0] + _wholeness(answer[1]))[1]
    return filled(_main_part(_without_bridges(whole) | seeds, seeds))


def _piece(pixels: np.ndarray, seeds: np.ndarray) -> np.ndarray:
    """The piece that holds the seeds, smooth and without holes."""
    stained = cv2.medianBlur(pixels.view(np.uint8), 5)
    stained = cv2.morphologyEx(stained, cv2.MORPH_OPEN, ELLIPSE)
    return filled(_main_part((stained > 0) | seeds, seeds))


def _without_bridges(mask: np.ndarray) -> np.ndarray:
    """A mask opened by a disc of a quarter of its radius: thin bridges to a neighbour are cut."""
    reach = int(0.25 * np.sqrt(np.count_nonzero(mask) / np.pi))
    inner = cv2.distanceTransform(mask.view(np.uint8), cv2.DIST_L2, 3) > reach
    return np.asarray(cv2.distanceTransform((~inner).view(np.uint8), cv2.DIST_L2, 3) <= reach)


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
    """`nucleus_mask` of an image whose optical density and cell are known.

    Args:
        density: float32 (H, W, 3), from `optical_density`.
        cell: bool (H, W), from `cell_in`.
    """
    nothing = np.zeros_like(cell)
    if not cell.any():
        return nothing
    if is_far_from_usual(density):
        small = at_usual_size(density)
        return np.asarray(_resized(nucleus_in(small, _resized(cell, small)), density) & cell)
    # Chromatin is coarse: smoothing over it keeps the nucleus in one piece.
    amount = cv2.GaussianBlur(density[..., 0], (0, 0), 1.5)
    own = amount[cell]
    ninth = int(0.9 * own.size)
    densest = max(float(np.partition(own, ninth)[ninth]), 1e-3)
    scaled = cv2.convertScaleAbs(amount, alpha=150 / densest)
    level, _ = cv2.threshold(scaled[cell].reshape(1, -1), 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    # A cell that is nearly all nucleus has no second level to be told from.
    dense = ((scaled > min(level, 0.6 * 150)) & cell).astype(np.uint8)
    found = central_parts(filled(cv2.morphologyEx(dense, cv2.MORPH_OPEN, ELLIPSE) > 0))
    if np.count_nonzero(found) < LEAST_NUCLEUS * np.count_nonzero(cell):
        return nothing
    return found if is_nucleus(density, cell, found) else nothing


def masks(images: np.ndarray, mask: Mask = cell_mask, rows: np.ndarray | None = None) -> np.ndarray:
    """The mask of many images.

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
        `area` (px), `share` (0..1 of the image), `parts` (how many pieces, touching corners count as one).
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


def _main_part(mask: np.ndarray, seeds: np.ndarray) -> np.ndarray:
    """The pieces of a mask that touch the seeds."""
    count, numbers = cv2.connectedComponents(mask.view(np.uint8))
    touched = np.zeros(count, bool)
    touched[numbers[seeds]] = True
    touched[0] = False
    return np.asarray(touched[numbers])


def _resized(mask: np.ndarray, like: np.ndarray) -> np.ndarray:
    """A mask as large as another image."""
    height, width = like.shape[:2]
    return np.asarray(cv2.resize(mask.view(np.uint8) * 255, (width, height)) > 127)
