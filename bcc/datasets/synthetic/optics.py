"""From stain to pixels: Beer-Lambert absorption, lamp, focus, edge enhancement and sensor noise.

Pigments are optical densities in red, green and blue for a green density of 1, measured on PBC
photographs as ratios log(background / pixel) over groups of like-coloured pixels of a class.
"""

from __future__ import annotations

import cv2
import numpy as np

from bcc.datasets.synthetic.spec import CellSpec
from bcc.datasets.synthetic.streams import stream
from bcc.datasets.synthetic.texture import grain

VIOLET = np.array([0.60, 1.0, 0.205], np.float32)
"""Azure and eosin on nucleic acid: nuclei (0.55-0.62, 1, 0.17-0.21) and dark granules."""
BLUE = np.array([0.93, 1.0, 0.25], np.float32)
"""Azure on ribonucleic acid: the cytoplasm of monocytes and lymphocytes (0.84-0.96, 1, 0.25-0.35)."""
PINK = np.array([0.62, 1.0, 0.42], np.float32)
"""Eosin on protein: the cytoplasm of neutrophils (0.65-0.67, 1, 0.40-0.44)."""
RED_CELL = np.array([0.68, 1.0, 0.60], np.float32)
"""Eosin on haemoglobin: red cells (0.66-0.70, 1, 0.57-0.69)."""
ORANGE = np.array([0.37, 1.0, 0.52], np.float32)
"""Eosin on eosinophilic granules (0.46-0.48, 1, 0.38-0.46, mixed with what lies beneath)."""

BACKGROUND = np.array([253.5, 227.3, 201.0], np.float32)
"""Empty glass. Between photographs it varies by only 1.1, 1.8 and 1.0 grey levels."""
GLARE = 0.02
"""Stray light: the share of the lamp that reaches even the darkest pixel."""


def transmitted(spec: CellSpec, layers: list[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """Light that comes through, float32 (canvas, canvas, 3) in grey levels 0..255.

    Args:
        spec: stain and lamp.
        layers: pairs of a green density map, float32 (canvas, canvas), and a pigment (3,).
    """
    balance = 0.22 * spec.stain_balance
    # A bluer stain binds more azure (absorbs red) and less eosin (absorbs blue).
    tint = np.array([1.0 + balance, 1.0, 1.0 - balance], np.float32)
    pigments = np.stack([pigment * tint for _, pigment in layers]) * np.float32(-spec.stain_strength)
    light = cv2.exp(cv2.transform(cv2.merge([density for density, _ in layers]), pigments.T))
    gain = BACKGROUND * np.float32(spec.illumination)
    gain = gain * np.array([1.0 + 0.06 * spec.warmth, 1.0, 1.0 - 0.16 * spec.warmth], np.float32)
    return np.asarray(light * (gain * np.float32(1.0 - GLARE)) + gain * np.float32(GLARE))


def photograph(spec: CellSpec, light: np.ndarray, size: int) -> np.ndarray:
    """What the camera makes of the light: uint8 (size, size, 3)."""
    canvas = light.shape[0]
    rng = stream(spec.seed, "light")
    where = rng.uniform(0.0, 1.0, 2)
    if spec.vignetting > 0.0:
        axis = (np.arange(canvas, dtype=np.float32) + 0.5) / canvas
        fall = (axis[None, :] - np.float32(where[0])) ** 2 + (axis[:, None] - np.float32(where[1])) ** 2
        light = light * (1.0 - np.float32(spec.vignetting) * np.minimum(fall, 1.0))[..., None]
    sigma = spec.blur * canvas / 24.0
    if sigma > 0.2:
        light = cv2.GaussianBlur(light, (0, 0), sigma)
    if canvas != size:
        light = cv2.resize(light, (size, size), interpolation=cv2.INTER_AREA)
    if spec.sharpening > 0.0:
        soft = cv2.GaussianBlur(light, (0, 0), 1.0 * size / 96.0)
        light = light + np.float32(spec.sharpening) * (light - soft)
    if spec.noise > 0.0:
        noise_rng = stream(spec.seed, "noise")
        shared = grain(noise_rng, size, 0.25)[..., None]
        light = light + np.float32(spec.noise) * shared
    return np.asarray(np.clip(np.rint(light), 0.0, 255.0).astype(np.uint8))
