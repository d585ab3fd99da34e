"""The nucleus: a band of changing width along a bent axis.

One description covers all eight classes. A short axis gives a round or kidney-shaped nucleus, a long
bent one a horseshoe or a band form, and narrowing it between lobes gives the segments of a neutrophil
with their bridges. `draw_nucleus` returns the area it covers; `chromatin` its optical density.
"""

from __future__ import annotations

import cv2
import numpy as np

from bcc.datasets.synthetic.outlines import Outline
from bcc.datasets.synthetic.spec import PIXELS_PER_UM, CellSpec
from bcc.datasets.synthetic.streams import stream
from bcc.datasets.synthetic.texture import grain

STEPS = 33
"""Discs along the axis."""
_SHIFT = 4
_ROUGH = 96
"""Side of the raster on which the area is first estimated."""


def _axis(spec: CellSpec) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Places (x, y) and radii of the discs, for a band of half-width 1 around the origin."""
    rng = stream(spec.seed, "nucleus")
    wander = rng.normal(0.0, 1.0, (4, 5))
    along = np.linspace(0.0, 1.0, STEPS)
    # Each lobe strays on its own, so disorder is drawn per lobe and smoothed between lobes.
    knots = np.linspace(0.0, 1.0, 5)
    stray = [np.interp(along, knots, row) for row in wander]
    turning = np.deg2rad(spec.nucleus_bend) * (along - 0.5) + spec.nucleus_disorder * 0.9 * stray[0]
    step = 2.0 * spec.nucleus_length / (STEPS - 1)
    x = np.concatenate([[0.0], np.cumsum(np.cos(turning[1:]) * step)])
    y = np.concatenate([[0.0], np.cumsum(np.sin(turning[1:]) * step)])
    y = y + 0.35 * spec.nucleus_disorder * stray[1] * min(1.0, spec.nucleus_length)
    wave = 0.5 - 0.5 * np.cos(2.0 * np.pi * spec.lobes * along)
    if spec.lobes == 1:
        wave = np.ones(STEPS)
    # A lobe is fuller than a cosine, and lobes differ in size.
    full = np.maximum(wave, 0.0) ** 0.75
    size = 1.0 + 0.3 * spec.nucleus_disorder * stray[2]
    taper = 1.0 - 0.12 * (2.0 * along - 1.0) ** 2
    ends = np.where((along < 0.5 / spec.lobes) | (along > 1.0 - 0.5 / spec.lobes), 1.0, full)
    width = size * taper * (1.0 - spec.lobe_pinch * 0.93 * (1.0 - ends))
    return x - x.mean(), y - y.mean(), np.clip(width, 0.06, 1.6)


def _discs(x: np.ndarray, y: np.ndarray, radius: np.ndarray, side: int) -> np.ndarray:
    """Union of discs, uint8 (side, side) in 0 or 255; coordinates in pixels of this raster."""
    area = np.zeros((side, side), np.uint8)
    one = 2**_SHIFT
    columns = np.round((x - 0.5) * one).astype(int).tolist()
    rows = np.round((y - 0.5) * one).astype(int).tolist()
    sizes = np.round(radius * one).astype(int).tolist()
    for column, row, size in zip(columns, rows, sizes, strict=True):
        cv2.circle(area, (column, row), size, 255, cv2.FILLED, cv2.LINE_8, _SHIFT)
    return area


def _inside(
    x: np.ndarray, y: np.ndarray, radius: np.ndarray, cell: Outline, margin: float
) -> tuple[np.ndarray, np.ndarray]:
    """Discs moved towards the cell's centre until they lie within its membrane."""
    dx, dy = x - cell.x, y - cell.y
    distance = np.hypot(dx, dy) + 1e-9
    room = np.maximum(cell.radius_at(np.arctan2(dy, dx)) * margin - radius, 0.0)
    shrink = np.minimum(1.0, room / distance)
    return cell.x + dx * shrink, cell.y + dy * shrink


def draw_nucleus(spec: CellSpec, cell: Outline, canvas: int) -> np.ndarray:
    """The area under the nucleus, float32 (canvas, canvas) in 0..1 with soft edges.

    The nucleus covers about `nucleus_size` of the cell's area and stays within the membrane; a long
    nucleus in a small cell is folded against it.
    """
    if spec.nucleus_size <= 0.0:
        return np.zeros((canvas, canvas), np.float32)
    # Smoothing the edge below takes off some four hundredths.
    wanted = 1.04 * spec.nucleus_size * np.pi * (0.5 * spec.cell_size * PIXELS_PER_UM) ** 2
    shape_x, shape_y, width = _axis(spec)
    angle = np.deg2rad(spec.nucleus_angle)
    # The hollow of the bend faces the middle of the cell, as the horseshoe of a monocyte does.
    turn = angle + 0.5 * np.pi
    turned_x = shape_x * np.cos(turn) - shape_y * np.sin(turn)
    turned_y = shape_x * np.sin(turn) + shape_y * np.cos(turn)
    turned_x, turned_y = -turned_x, -turned_y
    scale = np.sqrt(wanted / (np.pi + 4.0 * spec.nucleus_length * width.mean()))
    margin = 0.97
    for _ in range(3):
        reach = np.max(np.hypot(turned_x, turned_y) + width) * scale
        room = max(0.0, float(cell.radius_at(np.array([angle]))[0]) * margin - reach)
        x = cell.x + turned_x * scale + np.cos(angle) * room * spec.nucleus_eccentricity
        y = cell.y + turned_y * scale + np.sin(angle) * room * spec.nucleus_eccentricity
        radius = np.minimum(width * scale, 0.5 * margin * (cell.radii.min() + cell.radii.mean()))
        x, y = _inside(x, y, radius, cell, margin)
        covered = float(np.count_nonzero(_discs(x, y, radius, _ROUGH)))
        scale *= float(np.clip(np.sqrt(wanted / max(covered, 1.0)), 0.6, 1.5))
    zoom = canvas / 96.0
    area = _discs(x * zoom, y * zoom, radius * zoom, canvas).astype(np.float32) / np.float32(255.0)
    threads = cv2.GaussianBlur(area, (0, 0), 0.35 * zoom)
    smooth = cv2.GaussianBlur(area, (0, 0), 0.9 * zoom)
    noise = grain(stream(spec.seed, "nucleus outline"), canvas, 2.2)
    field = smooth + np.float32(0.22 * spec.nucleus_irregularity) * noise * (smooth < 0.97)
    # Thin bridges between lobes would drown in the smoothing: keep them as they were drawn.
    field = np.maximum(field, 0.75 * threads)
    within = cell.fill(canvas)
    edge = np.clip((field - 0.5) * np.float32(4.0 * 0.9) + np.float32(0.5), 0.0, 1.0)
    return np.asarray(np.minimum(edge, within))


def chromatin(spec: CellSpec, nucleus: np.ndarray) -> np.ndarray:
    """Optical density of the chromatin in green light, float32 like `nucleus`, before its edges.

    Dark clumps with pale flecks between them, and the darker rim that a nucleus shows.
    """
    canvas = nucleus.shape[0]
    rng = stream(spec.seed, "chromatin")
    size = spec.chromatin_grain * PIXELS_PER_UM
    fine = grain(rng, canvas, 0.55 * size)
    coarse = grain(rng, canvas, 2.0 * size)
    flecks = fine + np.float32(0.35) * coarse
    # Flecks are skewed: most chromatin is dark, gaps are few and pale.
    flecks = np.where(flecks > 0.0, flecks * np.float32(0.45), flecks)
    depth = cv2.distanceTransform((nucleus > 0.5).astype(np.uint8), cv2.DIST_L2, 3)
    rim = cv2.exp(depth * np.float32(-96.0 / canvas / 1.6))
    contrast = np.float32(0.5 * spec.chromatin_clumping)
    density = 1.0 + contrast * flecks + contrast * (np.float32(1.2) * rim - np.float32(0.15))
    return np.asarray(np.float32(spec.nucleus_density) * np.clip(density, 0.4, 1.6))
