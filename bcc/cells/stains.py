"""Amount of stain per pixel: optical density above bare glass.

Smears are stained after May-Gruenwald and Giemsa: azure B turns nuclei violet, eosin Y turns granules pink,
and red cells bring their own colour. By the Beer-Lambert law the logarithm of a pixel's darkness is
linear in the amount of dye, so that the dyes can be separated (Ruifrok and Johnston, "Quantification of
histochemical staining by color deconvolution", 2001). `bcc.cells.masks` uses the result.
"""

from __future__ import annotations

import cv2
import numpy as np

LEAST_GLASS, LEAST_GLASS_PEAK = 0.01, 0.1
"""How many pixels bare glass has at least: of the image, and of the commonest level of brightness."""
BLUE_TO_GREEN = 0.515
"""Optical density of blue over that of green from which on a pixel has the colour of a red cell.

Haemoglobin takes away some six tenths as much blue as green; the dyes take away half as much at most, in
photographs of the smears that this was made for (measured: red cells 0.54 to 0.66, cytoplasm 0.2 to 0.5).
"""

_DENSITY = -np.log((np.arange(256, dtype=np.float32) + 1) / 256)


def background_colour(image: np.ndarray) -> np.ndarray:
    """Colour of the glass between the cells: float32 (3,), the brightest that is no rarity in the image.

    The brightest, not the commonest: a cell that fills the image leaves little glass around it.

    Args:
        image: uint8 (H, W, 3) RGB.
    """
    green = np.ascontiguousarray(image[..., 1])
    # Neighbouring levels count together, so that a smooth histogram has one peak.
    counts = np.convolve(np.bincount(green.ravel(), minlength=256), np.ones(9), "same")
    smooth = np.convolve(counts, np.ones(5), "same")
    around = np.pad(smooth, 1)
    peak = (smooth >= around[:-2]) & (smooth > around[2:])
    enough = counts >= max(LEAST_GLASS * green.size, LEAST_GLASS_PEAK * counts.max())
    level = int(np.flatnonzero(peak & enough)[-1]) if (peak & enough).any() else int(counts.argmax())
    near = cv2.inRange(green, max(level - 6, 0), level + 6)
    return np.array(cv2.mean(image, near)[:3], np.float32)


def optical_density(image: np.ndarray, background: np.ndarray | None = None) -> np.ndarray:
    """Return the optical density per channel, as a natural logarithm.

    Args:
        image: uint8 (H, W, 3) RGB.
        background: (3,), colour of the bare glass; found in the image when missing.

    Returns:
        float32 (H, W, 3), 0 for bare glass, about 1 where a third of the light comes through; never below 0.
    """
    if background is None:
        background = background_colour(image)
    glass = -np.log((np.asarray(background, np.float32) + 1) / 256)
    # 256 levels a channel: looked up, not computed for every pixel.
    table = np.maximum(_DENSITY[:, None] - glass, 0)
    return np.asarray(cv2.LUT(np.ascontiguousarray(image), table[:, None]))


def azure(density: np.ndarray) -> np.ndarray:
    """Amount of azure, float32 (H, W): red light, which eosin and haemoglobin hardly absorb."""
    return np.asarray(cv2.GaussianBlur(density[..., 0], (3, 3), 0))


def middle(amounts: np.ndarray) -> float:
    """Median of many densities (n,), the upper one of two; NumPy's own takes thrice as long for so few."""
    half = len(amounts) // 2
    return float(np.partition(amounts, half)[half])
