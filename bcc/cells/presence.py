"""Whether an image holds a cell at all, platelets included. Glass and red cells alone do not count.

Whatever is in an image, something in it is densest. In a cell that is chromatin or granules, which azure has
turned violet: they take away little blue. In an image of glass and red cells it is a red cell, and
haemoglobin takes away more than half as much blue as green. The ratio stays what it is in a pale or a dark
image, on another background and at another magnification. Where a camera or a stain has moved it so far
that colour leaves doubt, the place decides: the nucleus of a cell in the middle lies whole in the image, a
background's red cells hang on its border.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np

from bcc.cells.dense import at_usual_size, central_parts, dense_parts, is_far_from_usual
from bcc.cells.stains import optical_density

MOST_BLUE = 0.40
"""Optical density of blue over that of green, in the densest parts, below which they are a cell's.

Measured on 320 photographs of eight classes, each altered in 20 ways (pale, dark, re-balanced, noisy, other
scales), and on 170 corners of photographs without a cell, altered in 19 ways: 0.36 at most in 95 of 100
cells, 0.50 at least in 95 of 100 backgrounds.
"""
MOST_BLUE_WHEN_DENSE = 0.48
"""The same where the densest parts are dense and take away much red, which haemoglobin hardly does: a very
dark nucleus in an image that was made pale by mixing it with white, and other stains."""
LEAST_RED = 0.70
"""Optical density of red over that of green that is much red."""
LEAST_CONTRAST = 2.0
"""Density over what is usual among the stained pixels beside the densest parts that is dense."""
SURE_BLUE, RED_IN_DOUBT = 0.30, 0.85
"""Blue over green above which, and red over green from which on, dense parts on the border are no cell's: red
cells whose hue was turned towards blue look like that."""
_LEAST = 5
"""Pixels of the densest parts below which they are specks."""
_LEAST_SHARE = 0.02
"""The same as a share of the image, where their colour alone is not enough."""
_COLOURLESS = 2.0
"""Mean difference between a pixel's channels, in grey levels, below which an image is black and white."""
_BESIDE = 0.01
"""Share of the image that must be stained beside them to be compared with."""
_CHUNK = 64


def holds_cell(image: np.ndarray) -> bool:
    """Whether there is a cell with a nucleus, or a platelet, in the middle of an image.

    In an image without colour red cells cannot be told from others: whatever is on it counts as a cell.

    Args:
        image: uint8 (H, W, 3) RGB.
    """
    density = optical_density(image)
    if is_far_from_usual(density):
        density = at_usual_size(density)
    parts = central_parts(dense_parts(density))
    if np.count_nonzero(parts) < _LEAST:
        return False
    if np.ptp(image, axis=2).mean() < _COLOURLESS:
        return True
    smooth = cv2.GaussianBlur(density, (5, 5), 0)
    red, green, blue = (max(float(value), 1e-6) for value in smooth[parts].mean(axis=0))
    on_border = any(line.any() for line in (parts[0], parts[-1], parts[:, 0], parts[:, -1]))
    if blue < MOST_BLUE * green:
        return not (on_border and blue > SURE_BLUE * green and red >= RED_IN_DOUBT * green)
    if on_border or parts.mean() < _LEAST_SHARE:
        return False
    if blue >= MOST_BLUE_WHEN_DENSE * green or red < LEAST_RED * green:
        return False
    total = cv2.transform(smooth, np.ones((1, 3), np.float32))
    deep = float(np.median(total[parts]))
    around = cv2.dilate(parts.view(np.uint8), np.ones((5, 5), np.uint8))
    beside = (total > 0.05 * deep) & (around == 0)
    return bool(beside.mean() >= _BESIDE and deep > LEAST_CONTRAST * float(np.median(total[beside])))


def holding_cells(images: np.ndarray) -> np.ndarray:
    """`holds_cell` of many images, bool (N,).

    Args:
        images: uint8 (N, H, W, 3) RGB, may be memory-mapped.
    """
    held = np.zeros(len(images), bool)

    def fill(start: int) -> None:
        for place in range(start, min(start + _CHUNK, len(images))):
            held[place] = holds_cell(np.asarray(images[place]))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(fill, range(0, len(images), _CHUNK)))
    return held
