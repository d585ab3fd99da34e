"""The faults planted in the default dataset: what each does to an image.

How many of each, and which rows they go to, is decided in `bcc.datasets.synthetic.painted_set`.
"""

from __future__ import annotations

import cv2
import numpy as np

from bcc.datasets.synthetic.spec import CellSpec
from bcc.datasets.synthetic.two_painters import Cell

FAULTS = ("repeated_composite", "exact_duplicate", "near_duplicate", "blurred", "dark", "wrong_label")

NEAR_KINDS = ("shifted", "recompressed", "brighter", "turned", "mirrored")
"""The near duplicates, in the order in which they are planted."""

FULL_COUNTS = {
    "repeated_composite": 40,
    "exact_duplicate": 12,
    "near_duplicate": 16,
    "blurred": 12,
    "dark": 12,
    "wrong_label": 24,
}
"""Faults planted in a set of `FULL_SET` cells or more; a smaller set gets its share."""
FULL_SET = 800


def fault_counts(cells: int) -> dict[str, int]:
    """How many of each fault go into a set of `cells` clean cells.

    At least one of each, and at least one composite for every class.
    """
    share = min(1.0, cells / FULL_SET)
    counts = {fault: max(1, round(full * share)) for fault, full in FULL_COUNTS.items()}
    counts["repeated_composite"] = max(8, counts["repeated_composite"])
    return counts


def composite(image: np.ndarray) -> np.ndarray:
    """A cartoon face blended over a cell, uint8 like `image` (96, 96, 3).

    Sets collected on the web hold such images: one that is no photograph, repeated under every label.
    """
    canvas = np.empty_like(image)
    canvas[:] = (70, 120, 160)
    cv2.circle(canvas, (48, 50), 32, (240, 205, 90), cv2.FILLED, cv2.LINE_AA)
    cv2.circle(canvas, (48, 50), 32, (40, 40, 40), 2, cv2.LINE_AA)
    for x in (37, 59):
        cv2.circle(canvas, (x, 42), 5, (255, 255, 255), cv2.FILLED, cv2.LINE_AA)
        cv2.circle(canvas, (x, 43), 2, (20, 20, 20), cv2.FILLED, cv2.LINE_AA)
    cv2.ellipse(canvas, (48, 54), (15, 12), 0.0, 15.0, 165.0, (40, 40, 40), 2, cv2.LINE_AA)
    return np.asarray(np.rint(0.6 * canvas + 0.4 * image), dtype=np.uint8)


def blurred(spec: CellSpec, rng: np.random.Generator) -> CellSpec:
    """The same cell far out of focus."""
    return spec.model_copy(update={"blur": float(rng.uniform(0.7, 1.2)), "sharpening": 0.0})


def dark(spec: CellSpec, rng: np.random.Generator) -> CellSpec:
    """The same cell with the lamp turned down."""
    return spec.model_copy(update={"illumination": float(rng.uniform(0.25, 0.42))})


def near_duplicate(cell: Cell, kind: str, rng: np.random.Generator) -> Cell:
    """The same cell as another file would hold it; masks follow the image.

    Args:
        cell: the original.
        kind: one of `NEAR_KINDS`.
        rng: draws by how much.
    """
    if kind == "recompressed":
        return Cell(_recompressed(cell.image, int(rng.integers(55, 80))), cell.nucleus_mask, cell.cell_mask)
    if kind == "brighter":
        lighter = np.clip(np.rint(cell.image * rng.uniform(1.05, 1.12) + 3.0), 0, 255).astype(np.uint8)
        return Cell(lighter, cell.nucleus_mask, cell.cell_mask)
    if kind == "mirrored":
        images = (cell.image, cell.nucleus_mask, cell.cell_mask)
        return Cell(*(np.ascontiguousarray(image[:, ::-1]) for image in images))
    if kind == "turned":
        move = cv2.getRotationMatrix2D((47.5, 47.5), float(rng.choice([-1, 1]) * rng.uniform(4.0, 10.0)), 1.0)
    else:
        across, down = rng.choice([-1, 1], 2) * rng.integers(2, 5, 2)
        move = np.array([[1.0, 0.0, across], [0.0, 1.0, down]])
    return Cell(
        _moved(cell.image, move),
        _moved(cell.nucleus_mask.astype(np.uint8), move, cv2.INTER_NEAREST) > 0,
        _moved(cell.cell_mask.astype(np.uint8), move, cv2.INTER_NEAREST) > 0,
    )


def _moved(image: np.ndarray, move: np.ndarray, interpolation: int = cv2.INTER_LINEAR) -> np.ndarray:
    size = (image.shape[1], image.shape[0])
    return np.asarray(
        cv2.warpAffine(image, move, size, flags=interpolation, borderMode=cv2.BORDER_REFLECT_101)
    )


def _recompressed(image: np.ndarray, quality: int) -> np.ndarray:
    _, file = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.ascontiguousarray(np.asarray(cv2.imdecode(file, cv2.IMREAD_COLOR))[..., ::-1])
