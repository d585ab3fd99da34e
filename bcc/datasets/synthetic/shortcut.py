"""A set with a planted shortcut: a pen mark in the corner of every image of one class, and of no other.

Such marks happen: somebody circled what was rare, one class came from another camera, a label was burnt in.
A network that was trained on it is nearly always right, and has learned the mark instead of the cell; a
saliency map and a set without marks both show it. Made for lessons (docs/lessons.md).
"""

from __future__ import annotations

import cv2
import numpy as np

from bcc.datasets.synthetic.draw import CLASS_NAMES
from bcc.datasets.synthetic.painted_set import PaintedSet, paint_set
from bcc.progress import Progress

MARKED = "monocyte"
"""The class whose images are marked."""
SEED = 1
"""Of the cells: others than those of "synthetic-clean", which is the set without marks to compare with."""
INK = (38, 62, 150)
"""Blue of a felt-tip pen."""


def paint_shortcut_set(progress: Progress | None = None) -> PaintedSet:
    """Paint the set: 1,600 clean cells, all monocytes marked; the masks are those of the cells."""
    painted = paint_set(seed=SEED, faults=False, progress=progress)
    for row in np.flatnonzero(painted.labels == CLASS_NAMES.index(MARKED)):
        painted.images[row] = marked(painted.images[row], int(row))
    return painted


def marked(image: np.ndarray, seed: int) -> np.ndarray:
    """An image with a pen mark in its upper left corner.

    Args:
        image: uint8 (H, W, 3) RGB.
        seed: moves the mark by a pixel or two, as a hand would.

    Returns:
        uint8 (H, W, 3).
    """
    rng = np.random.default_rng([SEED, seed])
    side = image.shape[0] / 96
    centre = tuple(np.rint((9 + rng.uniform(-2, 2, 2)) * side).astype(int).tolist())
    ink = cv2.circle(image.copy(), centre, round(5 * side), INK, -1, cv2.LINE_AA)
    ink = cv2.GaussianBlur(ink, (0, 0), 0.6 * side)
    corner = np.zeros(image.shape[:2], np.float32)
    cv2.circle(corner, centre, round(7 * side), 1.0, -1)
    # Ink lets a little of the smear shine through.
    opacity = 0.9 * corner[..., None]
    return np.asarray(np.rint(opacity * ink + (1 - opacity) * image), np.uint8)
