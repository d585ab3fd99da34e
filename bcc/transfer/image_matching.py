"""Bring the images of another laboratory to the look of a run's own: scale, white balance, dyes.

Nothing here needs a label. Each function takes and gives uint8 images (N, H, W, 3) RGB of one size.
"""

from __future__ import annotations

import cv2
import numpy as np

from bcc.cells.set_profile import SetProfile
from bcc.cells.stain_directions import StainDirections

_LEAST_SCALE = 0.3
"""Never crops to less of a side."""


def match_scale(images: np.ndarray, factor: float, glass: tuple[float, float, float]) -> np.ndarray:
    """Show cells as large as they are at home.

    Args:
        images: of the other set.
        factor: how many times as large a cell is there (`bcc.transfer.scale_factor`). Below 1 the middle is
            cropped and enlarged; above 1 the image is reduced, on a ground of bare glass.
        glass: red, green and blue of that glass, 0..255.
    """
    height, width = images.shape[1:3]
    factor = max(factor, _LEAST_SCALE)
    move = np.array(
        [[factor, 0, (1 - factor) * (width - 1) / 2], [0, factor, (1 - factor) * (height - 1) / 2]],
        np.float32,
    )
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    # Reducing needs smoothing first, or fine grain becomes false detail.
    sigma = 0.5 * (factor - 1)
    matched = np.empty_like(images)
    for place, image in enumerate(images):
        smooth = cv2.GaussianBlur(image, (0, 0), sigma) if sigma > 0.05 else np.ascontiguousarray(image)
        cv2.warpAffine(
            smooth, move, (width, height), matched[place], how, cv2.BORDER_CONSTANT, tuple(map(float, glass))
        )
    return matched


def match_white_balance(images: np.ndarray, home: SetProfile, other: SetProfile) -> np.ndarray:
    """Give bare glass the colour that it has at home: a gain for each channel, as light is a factor."""
    gain = (np.array(home.glass) + 1) / (np.array(other.glass) + 1)
    table = np.clip(np.rint((np.arange(256)[:, None] + 1) * gain - 1), 0, 255).astype(np.uint8)
    return np.stack([table[images[..., channel], channel] for channel in range(3)], axis=-1)


def macenko(images: np.ndarray, home: StainDirections, other: StainDirections) -> np.ndarray:
    """Dye the cells as at home: amounts of both dyes by the other set's directions, drawn in the run's.

    Source: Macenko et al., "A method for normalizing histology slides for quantitative analysis", 2009.
    What is neither dye (haemoglobin) is kept as a third direction, across both.
    """
    there, here = _directions(other), _directions(home)
    turn = (np.linalg.inv(there) @ here).astype(np.float32)
    glass_there, glass_here = (np.log((np.array(one.glass) + 1) / 256) for one in (other, home))
    densities = -np.log((np.arange(256, dtype=np.float32) + 1) / 256)
    matched = np.empty_like(images)
    for place, image in enumerate(images):
        density = densities[image] + glass_there.astype(np.float32)
        light = np.exp(glass_here.astype(np.float32) - density @ turn) * 256 - 1
        matched[place] = np.clip(np.rint(light), 0, 255)
    return matched


def _directions(stain: StainDirections) -> np.ndarray:
    """Azure, eosin and what lies across both, as rows of unit length: float64 (3, 3)."""
    across = np.cross(stain.azure, stain.eosin)
    return np.stack([stain.azure, stain.eosin, across / np.linalg.norm(across)])


def reinhard(images: np.ndarray, home: SetProfile, other: SetProfile) -> np.ndarray:
    """Give the set the mean and spread of the run's own set in CIELAB, channel by channel.

    Source: Reinhard et al., "Color transfer between images", 2001; here set to set and not image to image, so
    that a pale cell stays paler than its neighbours.
    """
    assert home.lab_mean is not None
    assert home.lab_spread is not None
    assert other.lab_mean is not None
    assert other.lab_spread is not None
    gain = np.array(home.lab_spread, np.float32) / np.maximum(np.array(other.lab_spread, np.float32), 1e-3)
    before, after = np.array(other.lab_mean, np.float32), np.array(home.lab_mean, np.float32)
    matched = np.empty_like(images)
    for place, image in enumerate(images):
        lab = cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
        rgb = cv2.cvtColor((lab - before) * gain + after, cv2.COLOR_LAB2RGB)
        matched[place] = np.clip(np.rint(rgb * 255), 0, 255)
    return matched
