"""Surroundings of the cell: red cells with central pallor, a platelet or two.

Places are drawn in a fixed order from the seed; a red cell that would lie on the cell or cover most of
another red cell is left out, as on a well-spread smear.
"""

from __future__ import annotations

import cv2
import numpy as np

from bcc.datasets.synthetic.outlines import Outline, bend_outline, draw_waves
from bcc.datasets.synthetic.spec import PIXELS_PER_UM, CellSpec
from bcc.datasets.synthetic.streams import stream
from bcc.datasets.synthetic.texture import grain, spots

CANDIDATES = 120
MARGIN = 14.0
"""Red cells whose centre lies this far outside the image still reach into it (pixels at 96)."""


def _red_cell(
    thickness: np.ndarray, outline: Outline, pallor: float, hollow: float, lean: tuple[float, float]
) -> None:
    """Lay one red cell on `thickness`, in place."""
    canvas = thickness.shape[0]
    zoom = canvas / 96.0
    reach = float(outline.radii.max()) + 2.0
    left, right = (min(max(int((outline.x + side * reach) * zoom), 0), canvas) for side in (-1, 1))
    top, bottom = (min(max(int((outline.y + side * reach) * zoom), 0), canvas) for side in (-1, 1))
    if left >= right or top >= bottom:
        return
    across = ((np.arange(left, right) + 0.5) / zoom - outline.x).astype(np.float32)
    down = ((np.arange(top, bottom) + 0.5) / zoom - outline.y).astype(np.float32)
    dx, dy = np.meshgrid(across, down)
    distance, angle = cv2.cartToPolar(dx, dy)
    edge = outline.radius_at(angle)
    inward = edge - distance
    body = np.minimum(np.maximum(inward * np.float32(0.5) + np.float32(0.6), 0.0), 1.0)
    # The pale middle lies a little off centre, with a soft step where the rim begins.
    off_centre = np.float32(lean[0]) * across + (np.float32(lean[1]) * down)[:, None]
    dent = 1.0 / (1.0 + cv2.exp(((distance - off_centre) / edge - np.float32(hollow)) * np.float32(13.0)))
    rim = cv2.exp((inward - np.float32(1.0)) ** 2 * np.float32(-0.35))
    tilt = 1.0 + off_centre / edge * np.float32(0.7)
    shade = body * ((1.0 - np.float32(pallor) * dent) * tilt + np.float32(0.1) * rim)
    below = thickness[top:bottom, left:right]
    # Where two overlap, the smear spreads them thinner: the sum is less than both.
    thickness[top:bottom, left:right] = np.maximum(below, shade) + np.float32(0.18) * np.minimum(below, shade)


def draw_red_cells(spec: CellSpec, cell: Outline, canvas: int) -> np.ndarray:
    """Thickness of haemoglobin, float32 (canvas, canvas); 1 is the body of one red cell."""
    # Their edges are soft: half the resolution shows the same and takes a quarter of the time.
    half = canvas // 2
    thickness = np.zeros((half, half), np.float32)
    rng = stream(spec.seed, "red cells")
    draws = rng.random((CANDIDATES, 8))
    waves = draw_waves(rng, CANDIDATES, fine=False)
    place = -MARGIN + (96.0 + 2.0 * MARGIN) * draws[:, :2]
    size = spec.red_cell_size * PIXELS_PER_UM * (0.88 + 0.24 * draws[:, 2])
    away = place - (cell.x, cell.y)
    membrane = cell.radius_at(np.arctan2(away[:, 1], away[:, 0]))
    free = np.hypot(away[:, 0], away[:, 1]) > membrane + 0.49 * size
    # One in six may lie on another, the others touch at most.
    closeness = np.where(draws[:, 3] < 0.17, 0.30, 0.47)
    placed: list[int] = []
    for number in np.flatnonzero(free).tolist():
        if len(placed) >= spec.red_cells:
            break
        near = closeness[number] * (size[number] + size[placed])
        if np.any(((place[placed] - place[number]) ** 2) @ (1.0, 1.0) < near * near):
            continue
        placed.append(number)
        draw = draws[number]
        outline = bend_outline(
            waves[number],
            float(place[number, 0]),
            float(place[number, 1]),
            float(size[number]),
            1.0 + 0.9 * spec.red_cell_irregularity * draw[4] ** 2,
            360.0 * draw[5],
            0.6 * spec.red_cell_irregularity,
        )
        pallor = min(spec.red_cell_pallor * (0.4 + 1.1 * draw[6]), 0.95)
        lean = (0.3 * (draw[2] - 0.5), 0.3 * (draw[7] - 0.5))
        _red_cell(thickness, outline, pallor, 0.34 + 0.26 * draw[7], lean)
    thickness *= 1.0 + np.float32(0.04) * grain(stream(spec.seed, "red cell texture"), half, 5.0)
    # A trace of dried plasma between the cells.
    thickness += np.float32(0.015) * grain(stream(spec.seed, "background"), half, 4.0)
    return np.asarray(cv2.resize(thickness, (canvas, canvas), interpolation=cv2.INTER_LINEAR))


def draw_platelets(spec: CellSpec, cell: Outline, canvas: int) -> tuple[np.ndarray, np.ndarray]:
    """Platelets beside the cell: body and granules, float32 (canvas, canvas) each."""
    body = np.zeros((canvas, canvas), np.float32)
    granules = np.zeros((canvas, canvas), np.float32)
    if spec.platelets_nearby == 0:
        return body, granules
    rng = stream(spec.seed, "platelets")
    draws = rng.random((4, 3))
    around = rng.random((4, 2, 40))
    waves = draw_waves(rng, 4)
    for number in range(spec.platelets_nearby):
        angle, far, size = draws[number]
        angle = 2.0 * np.pi * angle
        diameter = 6.0 + 7.0 * size
        away = float(cell.radius_at(np.array([angle]))[0]) + diameter * (0.6 + 1.5 * far)
        x, y = cell.x + away * np.cos(angle), cell.y + away * np.sin(angle)
        body = np.maximum(body, bend_outline(waves[number], x, y, diameter, 1.15, 0.0, 0.5, 0.4).fill(canvas))
        reach = 0.42 * diameter * np.sqrt(around[number, 0])
        turn = 2.0 * np.pi * around[number, 1]
        granules += spots(x + reach * np.cos(turn), y + reach * np.sin(turn), np.full(40, 0.22), canvas, 1.8)
    return body, np.clip(granules, 0.0, 1.2) * body
