"""Cytoplasm and what lies in it: mottle, a deeper rim, vacuoles, orange and dark granules.

Places are drawn once per cell in the cell's own coordinates; amounts and sizes only decide how many
of them show and how large, so fading granules moves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from bcc.datasets.synthetic.outlines import Outline
from bcc.datasets.synthetic.spec import PIXELS_PER_UM, CellSpec
from bcc.datasets.synthetic.streams import stream
from bcc.datasets.synthetic.texture import grain, spots

MOST_GRANULES = 2600
MOST_VACUOLES = 36


@dataclass(frozen=True)
class Granules:
    """Shades of both kinds of granules, float32 (canvas, canvas) in 0..1."""

    orange: np.ndarray
    dark: np.ndarray


def cytoplasm_shade(spec: CellSpec, cell: Outline, body: np.ndarray) -> np.ndarray:
    """How deep the cytoplasm's stain is at each place: float32, around 1."""
    canvas = body.shape[0]
    rng = stream(spec.seed, "mottle")
    fine, coarse = grain(rng, canvas, 0.7), grain(rng, canvas, 4.0)
    shade = 1.0 + np.float32(spec.cytoplasm_mottle) * (np.float32(0.3) * fine + np.float32(0.2) * coarse)
    depth = cv2.distanceTransform((body > 0.5).astype(np.uint8), cv2.DIST_L2, 3)
    rim = cv2.exp(depth * np.float32(-96.0 / canvas / (0.13 * cell.radii.mean())))
    shade += np.float32(spec.cytoplasm_rim) * (np.float32(0.9) * rim - np.float32(0.2))
    return np.maximum(shade, np.float32(0.05))


def vacuoles(spec: CellSpec, cell: Outline, canvas: int) -> np.ndarray:
    """Clear bubbles, float32 (canvas, canvas): 0 outside, towards 1 inside one."""
    draws = stream(spec.seed, "vacuoles").random((MOST_VACUOLES, 3))
    count = round(MOST_VACUOLES * spec.vacuoles)
    angle = draws[:count, 0] * 2.0 * np.pi
    away = cell.radius_at(angle) * np.sqrt(draws[:count, 1]) * 0.95
    radius = 0.5 + 3.3 * draws[:count, 2] ** 3
    zoom, one = canvas / 96.0, 16
    column = ((cell.x + away * np.cos(angle)) * zoom - 0.5) * one
    row = ((cell.y + away * np.sin(angle)) * zoom - 0.5) * one
    bubbles = np.zeros((canvas, canvas), np.uint8)
    for place in np.rint(np.stack([column, row, radius * zoom * one], axis=1)).astype(int).tolist():
        cv2.circle(bubbles, place[:2], place[2], 255, cv2.FILLED, cv2.LINE_AA, 4)
    return np.asarray(
        cv2.GaussianBlur(bubbles, (0, 0), 0.3 * zoom).astype(np.float32) * np.float32(0.9 / 255.0)
    )


def draw_granules(spec: CellSpec, cell: Outline, nucleus: np.ndarray) -> Granules:
    """Where granules lie, those of each kind."""
    orange = _granules(spec, cell, nucleus, "orange granules", spec.orange_granules, spec.orange_granule_size)
    # Eosinophilic granules lie so close that they stain the whole cytoplasm between them.
    packed = np.float32(0.6 * spec.orange_granules) * (1.0 - nucleus) + np.float32(0.8) * orange
    # Here and there they leave a patch of bluish cytoplasm bare.
    patches = grain(stream(spec.seed, "orange granules", 1), nucleus.shape[0], 4.5)
    orange = packed * np.minimum(np.maximum(patches * np.float32(0.9) + np.float32(1.7), 0.15), 1.0)
    dark = _granules(spec, cell, nucleus, "dark granules", spec.dark_granules, spec.dark_granule_size)
    return Granules(orange=orange, dark=dark)


def _granules(
    spec: CellSpec, cell: Outline, nucleus: np.ndarray, name: str, amount: float, size: float
) -> np.ndarray:
    canvas = nucleus.shape[0]
    if amount <= 0.0:
        return np.zeros((canvas, canvas), np.float32)
    diameter = size * PIXELS_PER_UM
    area = np.pi * float(np.mean(cell.radii**2))
    count = min(MOST_GRANULES, 1 + int(1.1 * amount * area / (0.25 * np.pi * diameter**2)))
    angle, share, chance, height = stream(spec.seed, name).random((MOST_GRANULES, 4))[:count].T
    angle = angle * 2.0 * np.pi
    heaped = spec.granules_towards_centre
    away = np.sqrt(share) ** (1.0 + 1.4 * heaped) * cell.radius_at(angle) * (1.0 - 0.15 * heaped)
    x, y = cell.x + away * np.cos(angle), cell.y + away * np.sin(angle)
    column = np.clip((x * canvas / 96.0).astype(np.int64), 0, canvas - 1)
    row = np.clip((y * canvas / 96.0).astype(np.int64), 0, canvas - 1)
    hidden = (nucleus[row, column] > 0.5) & (chance > spec.granules_over_nucleus)
    weight = np.where(hidden, 0.0, 0.5 + 0.5 * height)
    return np.asarray(np.clip(spots(x, y, weight, canvas, diameter), 0.0, 1.3))
