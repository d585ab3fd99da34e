"""Smooth closed outlines that are never perfect ellipses.

An outline is a radius per direction around a centre. Cells, red cells and platelets all have one; the
nucleus, which can be a chain of lobes, is drawn in `bcc.datasets.synthetic.nucleus`.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

DIRECTIONS = 512
ANGLES = np.linspace(0.0, 2.0 * np.pi, DIRECTIONS, endpoint=False)
BROAD = np.arange(2, 9)
"""Bulges around the outline."""
FINE = np.arange(11, 46)
"""Ruffles around the outline."""
_SHIFT = 4
"""Fractional bits of the coordinates given to OpenCV: polygons move in sixteenths of a pixel."""


@dataclass(frozen=True)
class Outline:
    """A closed curve around a centre.

    Attributes:
        x, y: the centre, in pixels of a 96-pixel image.
        radii: float32 (512,), distance from the centre per direction, in the same pixels.
    """

    x: float
    y: float
    radii: np.ndarray

    def radius_at(self, angles: np.ndarray) -> np.ndarray:
        """Distance from the centre to the curve in the given directions (radians, -pi to 2 pi)."""
        steps = (angles * (DIRECTIONS / (2.0 * np.pi)) + (DIRECTIONS + 0.5)).astype(np.int32)
        return np.asarray(self.radii.take(steps % DIRECTIONS))

    def fill(self, canvas: int) -> np.ndarray:
        """The enclosed area, float32 (canvas, canvas) in 0..1 with soft edges."""
        scale = canvas / 96.0
        # OpenCV also paints the pixels that the outline runs through, half of each too much.
        radii = np.maximum(self.radii * scale - 0.6, 0.5)
        points = np.stack(
            [self.x * scale + radii * np.cos(ANGLES), self.y * scale + radii * np.sin(ANGLES)], axis=1
        )
        corners = np.round((points - 0.5) * 2**_SHIFT).astype(np.int32)
        area = np.zeros((canvas, canvas), np.uint8)
        cv2.fillPoly(area, [corners], 255, cv2.LINE_AA, _SHIFT)
        return np.multiply(area, np.float32(1.0 / 255.0), dtype=np.float32)


def draw_waves(rng: np.random.Generator, count: int, fine: bool = True) -> np.ndarray:
    """Random phases and sizes for `count` outlines.

    Returns:
        complex (count, 42), bulges then ruffles; (count, 7) without the ruffles.
    """
    shape = (count, len(BROAD) + len(FINE) if fine else len(BROAD), 2)
    return np.asarray(rng.normal(0.0, 0.8, shape) @ np.array([1.0, 1.0j]))


def bend_outline(
    waves: np.ndarray,
    x: float,
    y: float,
    diameter: float,
    elongation: float = 1.0,
    orientation: float = 0.0,
    irregularity: float = 0.0,
    fringe: float = 0.0,
) -> Outline:
    """A smooth outline that encloses the area of a circle.

    Args:
        waves: complex (42,), one row of `draw_waves`; (7,) if there is no fringe.
        x, y: centre, in pixels of a 96-pixel image.
        diameter: of a circle of equal area, in the same pixels.
        elongation: length over width, 1 for round.
        orientation: direction of the long axis, degrees.
        irregularity: 0..1, amplitude of the broad bulges.
        fringe: 0..1, amplitude of the fine ruffles.
    """
    turn = np.deg2rad(orientation)
    # The ellipse of unit area: 1 / r^2 is a cosine of twice the angle around a mean.
    mean, swing = 0.5 * (1.0 / elongation + elongation), 0.5 * (1.0 / elongation - elongation)
    radii = 1.0 / np.sqrt(mean + swing * np.cos(2.0 * (ANGLES - turn)))
    broad = np.zeros(DIRECTIONS // 2 + 1, complex)
    # Bulges turn with the cell, so that its orientation moves it as a whole.
    broad[BROAD] = waves[: len(BROAD)] * BROAD**-1.3 * np.exp(-1j * BROAD * turn)
    bulges = np.fft.irfft(broad, DIRECTIONS) * (0.5 * DIRECTIONS)
    radii = radii * np.minimum(np.maximum(1.0 + 0.2 * irregularity * bulges, 0.45), 1.9)
    if fringe > 0.0:
        fine = np.zeros(DIRECTIONS // 2 + 1, complex)
        fine[FINE] = waves[len(BROAD) :] * np.exp(-1j * FINE * turn) / np.sqrt(len(FINE))
        hairs = np.fft.irfft(fine, DIRECTIONS) * (0.5 * DIRECTIONS)
        # Hairs stand in tufts, where the broad bulges happen to be high.
        tufts = np.minimum(np.maximum(0.35 + 0.5 * np.roll(bulges, DIRECTIONS // 3), 0.05), 1.3)
        radii = radii * (1.0 + 0.07 * fringe * tufts * np.maximum(hairs, -0.3))
    area = 0.5 * np.sum(radii**2) * (2.0 * np.pi / DIRECTIONS)
    return Outline(x, y, (radii * (0.5 * diameter * np.sqrt(np.pi / area))).astype(np.float32))
