"""Whether what is dense in a cell is a nucleus, or the granules of a platelet.

A platelet is small, its stain is faint, grainy and far denser where its granules crowd; a nucleus is large,
dense and even. Each of the four is measured against the image itself (its red cells, the cell's own size
and stain), so that a pale smear, a dark one, another stain or another magnification moves nothing. None is
enough: their product is.
"""

from __future__ import annotations

import cv2
import numpy as np

from bcc.cells.stains import middle

LEAST = 625.0
"""Of a nucleus at least: its radius in radii of a red cell, cubed, times the square of its density over what
lies beside the cell, over its unevenness, over how far its densest twentieth lies above its middle.

Chosen on 1,280 photographs of eight classes, each as it is and altered in 21 ways, and on painted cells; how
well it holds stands in docs/quality.md.
"""
USUAL_RED_CELL = 0.12
"""Radius of a red cell as a share of the image's side, where none is seen."""
USUAL_CONTRAST = 5.0
"""Density over what lies beside the cell, where nothing does."""
SMALLEST_RED_CELL, LARGEST_RED_CELL = 0.083, 0.19
"""The least and the most that it counts: what seems smaller is cut by the border, what seems larger is more
than one."""
LEAST_SPREAD = 0.02
"""Unevenness, and rise of the densest twentieth, that every nucleus is granted: the noise of a camera."""
_BESIDE = 0.01
"""Share of the image that must be stained beside the cell to be compared with."""
_RED_CELLS = 0.03
"""The same for the size of red cells: a sliver at the border shows no size."""


def is_nucleus(density: np.ndarray, cell: np.ndarray, dense: np.ndarray) -> bool:
    """Whether the dense parts of a cell are a nucleus.

    Args:
        density: float32 (H, W, 3), from `bcc.cells.stains.optical_density`.
        cell: bool (H, W), not empty.
        dense: bool (H, W), the dense parts of it, not empty.
    """
    total = cv2.transform(density, np.ones((1, 3), np.float32))
    deep, rise = _middle_and_rise(cv2.GaussianBlur(total, (5, 5), 0)[dense])
    # Red cells are large: half the resolution shows the same and takes a quarter of the time.
    half = (cell.shape[1] // 2, cell.shape[0] // 2)
    smooth = cv2.resize(total, half, interpolation=cv2.INTER_AREA)
    smooth = cv2.GaussianBlur(smooth, (3, 3), 0)
    elsewhere = cv2.resize(cell.view(np.uint8), half, interpolation=cv2.INTER_NEAREST) == 0
    beside = (smooth > 0.05 * deep) & elsewhere
    side = min(cell.shape)
    contrast, red_cell = USUAL_CONTRAST, USUAL_RED_CELL * side
    if np.count_nonzero(beside) > _BESIDE * beside.size:
        usual = middle(smooth[beside])
        contrast = deep / usual
        red_cell = 2 * _red_cell_radius(beside & (smooth > 0.2 * usual), elsewhere) or red_cell
    red_cell = min(max(red_cell, SMALLEST_RED_CELL * side), LARGEST_RED_CELL * side)
    size = float(np.sqrt(np.count_nonzero(dense) / np.pi)) / red_cell
    radius = float(np.sqrt(np.count_nonzero(cell) / np.pi))
    return bool(size**3 * contrast**2 / _unevenness(density[..., 1], dense, radius) / rise >= LEAST)


def _middle_and_rise(amounts: np.ndarray) -> tuple[float, float]:
    """The middle one of many densities, and the share by which the densest twentieth lies above it."""
    middle, top = len(amounts) // 2, int(0.95 * len(amounts))
    usual, densest = (float(value) for value in np.partition(amounts, (middle, top))[[middle, top]])
    return usual, max(densest / max(usual, 1e-3) - 1, LEAST_SPREAD)


def _red_cell_radius(beside: np.ndarray, elsewhere: np.ndarray) -> float:
    """Radius in pixels of the largest disc in what lies beside the cell, 0 where too little does."""
    whole = cv2.morphologyEx(beside.view(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    # The pale middle of a red cell is part of it.
    outlines, _ = cv2.findContours(whole, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(whole, outlines, -1, 1, cv2.FILLED)
    whole &= elsewhere.view(np.uint8)
    if whole.mean() < _RED_CELLS:
        return 0.0
    # Zeros around the image: what is cut by its border shows the size that is left.
    framed = cv2.copyMakeBorder(whole, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    return max(float(cv2.distanceTransform(framed, cv2.DIST_L2, 3).max()), 1.0)


def _unevenness(green: np.ndarray, dense: np.ndarray, radius: float) -> float:
    """Spread over mean of the density inside the dense parts, grain far finer than the cell smoothed away."""
    x, y, width, height = cv2.boundingRect(dense.view(np.uint8))
    part = np.ascontiguousarray(dense[y : y + height, x : x + width], np.uint8)
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (int(0.2 * radius) | 1,) * 2)
    inside = cv2.erode(part, brush, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    if np.count_nonzero(inside) < 5:
        inside = part
    smooth = cv2.GaussianBlur(green[y : y + height, x : x + width], (0, 0), max(0.05 * radius, 0.3))
    mean, spread = cv2.meanStdDev(smooth, mask=inside)
    return max(float(spread[0, 0] / max(mean[0, 0], 1e-3)), LEAST_SPREAD)
