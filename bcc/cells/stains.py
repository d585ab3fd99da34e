"""How much stain each pixel carries: optical density, and which of it is azure, eosin or haemoglobin.

Smears are stained after May-Gruenwald and Giemsa: azure B turns nuclei violet, eosin Y turns granules pink,
and red cells bring their own colour. By the law of Beer and Lambert the logarithm of a pixel's darkness is
linear in the amount of dye, so that amounts can be told apart (Ruifrok and Johnston, "Quantification of
histochemical staining by color deconvolution", 2001). What is made of it is the matter of `bcc.cells.masks`.
"""

from __future__ import annotations

import cv2
import numpy as np

_DENSITY = -np.log((np.arange(256, dtype=np.float32) + 1) / 256)


def background_colour(picture: np.ndarray) -> np.ndarray:
    """Colour of the glass between the cells: float32 (3,), the commonest among the bright pixels.

    Args:
        picture: uint8 (H, W, 3) RGB.
    """
    green = picture[..., 1]
    bright = green >= np.quantile(green, 0.6)
    counts = np.bincount(green[bright], minlength=256)
    # Neighbouring levels count together, so that a smooth histogram has one peak.
    level = int(np.convolve(counts, np.ones(9), "same").argmax())
    near = bright & (np.abs(green.astype(np.int16) - level) <= 6)
    return np.asarray(picture[near if near.any() else bright].mean(axis=0), np.float32)


def optical_density(picture: np.ndarray, background: np.ndarray | None = None) -> np.ndarray:
    """How much light is taken away in each channel, as a natural logarithm.

    Args:
        picture: uint8 (H, W, 3) RGB.
        background: (3,), colour of the bare glass; found in the picture when missing.

    Returns:
        float32 (H, W, 3), 0 for bare glass, about 1 where a third of the light comes through; never below 0.
    """
    if background is None:
        background = background_colour(picture)
    glass = -np.log((np.asarray(background, np.float32) + 1) / 256)
    return np.maximum(_DENSITY[picture] - glass, 0)


def azure(density: np.ndarray) -> np.ndarray:
    """Amount of azure, float32 (H, W): red light, which neither eosin nor haemoglobin takes away much."""
    return np.asarray(cv2.GaussianBlur(density[..., 0], (3, 3), 0))


def haemoglobin(density: np.ndarray) -> np.ndarray:
    """Which pixels have the colour of red cells, bool (H, W).

    They are thinly coloured and take away nearly as much blue as green; what azure or eosin stains takes
    away far more green.
    """
    smooth = cv2.GaussianBlur(density, (5, 5), 0)
    green, blue = smooth[..., 1], smooth[..., 2]
    red_cell: np.ndarray = (green > 0.1) & (green < 0.65) & (blue > 0.5 * green)
    return red_cell
