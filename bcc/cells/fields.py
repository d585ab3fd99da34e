"""Cells in a field of view: a photograph of a smear with many cells, of any size.

Nuclei absorb red light, which haemoglobin and eosin hardly do, so the density of red after separation from
the bare glass shows them on any field. Everything else is measured in radii of the field's own red cells, so
that magnification does not matter. Lobes of one nucleus are joined by how near and how large they are; nuclei
that touch are parted by a watershed on the distance transform (Vincent and Soille, "Watersheds in digital
spaces", 1991); what may be a platelet or a small nucleus is decided by `bcc.cells.masks.nucleus_mask`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import cv2
import numpy as np

from bcc.cells.masks import nucleus_mask
from bcc.cells.stains import background_colour, optical_density
from bcc.errors import UserError

Kind = Literal["nucleated", "platelet"]

LARGEST_SIDE = 10_000
"""Pixels; larger photographs are refused."""
WORKING_RADIUS = 12.0
"""Radius of a red cell in pixels to which a field is scaled down before cells are looked for."""
SIDE_OF_CROP = 6.0
"""Side of the square that is cut around a cell, in radii of a red cell: as in the photographs of single
cells that the shipped model learned from."""


SPECK = 0.03
"""Areas, here and below, are in areas of a red cell. Below this it is dirt."""
UNCLEAR = 0.2, 1.2
"""Between these a platelet and a nucleus may be equally large; how even and dense it is decides."""
LOBE = 0.06, 1.4
"""A lobe of a nucleus is no smaller, and the smaller of two no larger."""
LARGEST_OF_LOBES = 3.5
"""Of two parts together, to be one nucleus."""
SMALL_LOBE = 0.9
NEAR_LOBES = 0.8, 0.6
"""Gap between lobes of one nucleus at most, in radii of a red cell: of small lobes, and of larger ones."""


@dataclass(frozen=True)
class FoundCell:
    """One cell of a field.

    Attributes:
        x, y: centre in pixels of the field.
        width, height: of the box around its stained parts, in pixels.
        kind: "nucleated" or "platelet".
        nucleus_area: in areas of a red cell.
    """

    x: float
    y: float
    width: float
    height: float
    kind: Kind
    nucleus_area: float


@dataclass(frozen=True)
class FieldCells:
    """Cells of a field, and the scale that they were found at.

    Attributes:
        cells: from the top to the bottom.
        red_cell_radius: in pixels of the field.
        glass: float32 (3,), colour of the bare glass.
    """

    cells: tuple[FoundCell, ...]
    red_cell_radius: float
    glass: np.ndarray

    @property
    def crop_side(self) -> int:
        """Side in pixels of the square to cut around each cell."""
        return max(round(SIDE_OF_CROP * self.red_cell_radius), 8)


def find_cells(field: np.ndarray, red_cell_radius: float | None = None) -> FieldCells:
    """Find nucleated cells and platelets.

    Args:
        field: uint8 (H, W, 3) RGB, any size up to `LARGEST_SIDE`.
        red_cell_radius: in pixels; measured on the field when missing.

    Raises:
        UserError: the photograph is too large.
    """
    height, width = field.shape[:2]
    if max(height, width) > LARGEST_SIDE:
        raise UserError(
            f"A field of {width:,} x {height:,} px is too large (at most {LARGEST_SIDE:,} a side): cut it "
            "into parts."
        )
    glass = background_colour(_shrunk(field, 2000)[0])
    radius = red_cell_radius or measure_red_cells(field, glass)
    small, scale = _scaled(field, min(1.0, WORKING_RADIUS / radius))
    unit = radius * scale
    density = optical_density(small, glass)
    nuclear = _nuclear(density, unit)
    cells = [_cell(part, field, glass, unit, scale) for part in _groups(nuclear, unit)]
    return FieldCells(tuple(sorted(cells, key=lambda one: (one.y, one.x))), radius, glass)


def crop(field: np.ndarray, cell: FoundCell, side: int, glass: np.ndarray) -> np.ndarray:
    """Cut a square around a cell.

    Args:
        field: uint8 (H, W, 3).
        cell: in it.
        side: of the square, in pixels of the field.
        glass: (3,), colour of what lies beyond the field's border.

    Returns:
        uint8 (side, side, 3).
    """
    left, top = round(cell.x - side / 2), round(cell.y - side / 2)
    found = np.empty((side, side, 3), np.uint8)
    found[:] = np.round(glass)
    y0, y1 = max(top, 0), min(top + side, field.shape[0])
    x0, x1 = max(left, 0), min(left + side, field.shape[1])
    if y0 < y1 and x0 < x1:
        found[y0 - top : y1 - top, x0 - left : x1 - left] = field[y0:y1, x0:x1]
    return found


def measure_red_cells(field: np.ndarray, glass: np.ndarray | None = None) -> float:
    """Radius of the field's red cells: the usual one among round stained parts that are no nuclei.

    Args:
        field: uint8 (H, W, 3) RGB.
        glass: (3,), colour of the bare glass; found in the field when missing.

    Returns:
        In pixels; a thirtieth of the shorter side where no red cell is seen.
    """
    small, scale = _shrunk(field, 1200)
    density = optical_density(small, glass)
    usual = min(small.shape[:2]) / 30
    violet = cv2.dilate(_nuclear(density, usual), np.ones((5, 5), np.uint8)) > 0
    total = cv2.GaussianBlur(density.sum(axis=2), (0, 0), 1.5)
    # Nuclei are so much denser that a threshold over all would find nothing but them.
    stained = _otsu(total, ~violet) & (~violet).astype(np.uint8)
    # The pale middle of a red cell is part of it.
    distance = cv2.distanceTransform(_filled(stained), cv2.DIST_L2, 5)
    radii = np.array([distance[y, x] for y, x in _peaks(distance) if distance[y, x] > 4 and not violet[y, x]])
    if not len(radii):
        return float(usual / scale)
    # What is cut by the border, or lies under another cell, seems smaller: the larger half are whole cells.
    return float(np.median(radii[radii >= 0.5 * radii.max()]) / scale)


def _nuclear(density: np.ndarray, unit: float) -> np.ndarray:
    """uint8 (H, W), 1 where azure is dense: nuclei and the granules of platelets."""
    smooth = cv2.GaussianBlur(density, (0, 0), max(0.08 * unit, 0.5))
    red, blue, green = smooth[..., 0], smooth[..., 2], smooth[..., 1]
    violet = blue < 0.5 * green
    inside = violet & (red > 0.08)
    if np.count_nonzero(inside) < 9:
        return np.zeros(red.shape, np.uint8)
    dense = _otsu(red, inside) & inside.astype(np.uint8)
    size = max(round(0.2 * unit) | 1, 3)
    opened = cv2.morphologyEx(
        dense, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    )
    return _filled(opened)


def _groups(nuclear: np.ndarray, unit: float) -> list[np.ndarray]:
    """Parts of nuclei that belong to one cell: touching cells parted, lobes of one nucleus joined.

    Returns:
        int64 (K, 2) each, the x and y of their pixels: a field has hundreds, each a small part of it.
    """
    count, labels, stats, _ = cv2.connectedComponentsWithStats(nuclear, connectivity=8)
    parts: list[np.ndarray] = []
    for number in range(1, count):
        x, y, width, height, pixels = (int(value) for value in stats[number])
        if _area(pixels, unit) >= SPECK:
            inside = labels[y : y + height, x : x + width] == number
            pieces = _parted(inside, unit) if _area(pixels, unit) > 1.5 else [inside]
            parts += [np.argwhere(piece)[:, ::-1] + (x, y) for piece in pieces]
    return _joined(parts, unit)


def _area(pixels: int, unit: float) -> float:
    """In areas of a red cell."""
    return float(pixels / (np.pi * unit**2))


def _joined(parts: list[np.ndarray], unit: float) -> list[np.ndarray]:
    """Join parts that lie so near to each other that they are lobes of one nucleus."""
    areas = [_area(len(part), unit) for part in parts]
    boxes = [(part.min(axis=0), part.max(axis=0)) for part in parts]
    group = list(range(len(parts)))
    for one in range(len(parts)):
        for other in range(one):
            near = _reach(areas[one], areas[other]) * unit
            if near and not _is_far(boxes[one], boxes[other], near) and _gap(parts[one], parts[other]) < near:
                old, new = group[one], group[other]
                group = [new if number == old else number for number in group]
    found: dict[int, list[np.ndarray]] = {}
    for part, number in zip(parts, group, strict=True):
        found.setdefault(number, []).append(part)
    return [np.concatenate(pieces) for pieces in found.values()]


def _reach(one: float, other: float) -> float:
    """Gap up to which two parts of these areas are lobes of one nucleus, in radii of a red cell; 0 for never.

    Two whole nuclei side by side are two cells, however near they are.
    """
    smaller = min(one, other)
    if not LOBE[0] <= smaller <= LOBE[1] or one + other > LARGEST_OF_LOBES:
        return 0.0
    return NEAR_LOBES[0] if smaller < SMALL_LOBE else NEAR_LOBES[1]


def _is_far(one: tuple[np.ndarray, np.ndarray], other: tuple[np.ndarray, np.ndarray], near: float) -> bool:
    """Whether two boxes alone show that a gap is too wide."""
    return bool(np.maximum(one[0] - other[1], other[0] - one[1]).max() > near)


def _gap(one: np.ndarray, other: np.ndarray) -> float:
    """Distance of the nearest pixels of two parts."""
    from scipy.spatial import KDTree

    return float(KDTree(one).query(other)[0].min())


def _parted(inside: np.ndarray, unit: float) -> list[np.ndarray]:
    """Part a large piece where it is waisted: several round nuclei that touch.

    Args:
        inside: bool (H, W), the piece in its own box.
        unit: radius of a red cell.

    Returns:
        bool (H, W) each.
    """
    window = np.pad(inside.astype(np.uint8), 1)
    distance = np.asarray(cv2.distanceTransform(window, cv2.DIST_L2, 5), np.float32)
    outlines, _ = cv2.findContours(window, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    hull = cv2.convexHull(np.concatenate(outlines))
    if cv2.contourArea(hull) <= 1.15 * max(int(np.count_nonzero(window)), 1):
        return [inside]
    # Seeds: the inner parts that stay when two thirds of the largest radius are eroded.
    seeds = (distance > max(0.66 * float(distance.max()), 0.6 * unit)).astype(np.uint8)
    count, markers = cv2.connectedComponents(seeds)
    if count <= 2:
        return [inside]
    markers = markers.astype(np.int32) + 1
    markers[(window > 0) & (seeds == 0)] = 0
    painted = cv2.cvtColor((255 - 255 * distance / distance.max()).astype(np.uint8), cv2.COLOR_GRAY2BGR)
    parted = cv2.watershed(painted, markers)[1:-1, 1:-1]
    pieces = [parted == number for number in range(2, count + 1)]
    return [piece for piece in pieces if piece.any()] or [inside]


def _cell(part: np.ndarray, field: np.ndarray, glass: np.ndarray, unit: float, scale: float) -> FoundCell:
    """The cell around one group of nuclear parts."""
    area = _area(len(part), unit)
    first, last = part.min(axis=0), part.max(axis=0) + 1
    (x, y), (width, height) = (first + last) / 2 / scale, (last - first) / scale
    cell = FoundCell(float(x), float(y), float(width), float(height), "nucleated", area)
    if area < UNCLEAR[0]:
        return replace(cell, kind="platelet")
    if area < UNCLEAR[1]:
        side = max(round(SIDE_OF_CROP * unit / scale), 8)
        single = cv2.resize(crop(field, cell, side, glass), (96, 96), interpolation=cv2.INTER_AREA)
        if not nucleus_mask(single).any():
            return replace(cell, kind="platelet")
    return cell


def _otsu(values: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """uint8 (H, W), 1 where values lie above Otsu's threshold of those inside."""
    chosen = values[inside]
    if not len(chosen):
        return np.zeros(values.shape, np.uint8)
    top = max(float(np.quantile(chosen, 0.999)), 1e-6)
    levels = np.clip(chosen / top * 255, 0, 255).astype(np.uint8)
    threshold, _ = cv2.threshold(levels[None], 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    return np.asarray(values > threshold / 255 * top, np.uint8)


def _filled(mask: np.ndarray) -> np.ndarray:
    """The mask without holes, uint8."""
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    whole = np.zeros(mask.shape, np.uint8)
    cv2.drawContours(whole, outlines, -1, 1, cv2.FILLED)
    return whole


def _peaks(distance: np.ndarray) -> list[tuple[int, int]]:
    """Points that are farther from the border than all points within their own distance."""
    highest = cv2.dilate(distance, np.ones((9, 9), np.uint8))
    rows, columns = np.nonzero((distance == highest) & (distance > 2))
    order = np.argsort(-distance[rows, columns], kind="stable")
    taken: list[tuple[int, int]] = []
    blocked = np.zeros(distance.shape, np.uint8)
    for at in order:
        y, x = int(rows[at]), int(columns[at])
        if not blocked[y, x]:
            taken.append((y, x))
            cv2.circle(blocked, (x, y), max(int(distance[y, x]), 1), 1, -1)
    return taken


def _shrunk(field: np.ndarray, side: int) -> tuple[np.ndarray, float]:
    return _scaled(field, min(1.0, side / max(field.shape[:2])))


def _scaled(field: np.ndarray, scale: float) -> tuple[np.ndarray, float]:
    if scale >= 1:
        return np.ascontiguousarray(field), 1.0
    size = max(round(field.shape[1] * scale), 1), max(round(field.shape[0] * scale), 1)
    return cv2.resize(field, size, interpolation=cv2.INTER_AREA), scale
