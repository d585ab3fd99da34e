"""Straight seams: where one image ends and another begins.

An image that was put together from several (halves, quadrants, a smaller one set in) has a sharp step from
one column or row of pixels to the next, at the same place over a long stretch. The outline of a cell is
curved and as wide as the lens makes it: its steps lie here and there. A step counts by how much it is larger
than those on either side of it, and a stretch by Student's t of its steps.
"""

from __future__ import annotations

import numpy as np

SEAM_COLUMNS = ("seam_short", "seam_long", "seam_across", "seam_at_fraction", "seam_diagonal")
"""The strongest seam a quarter, half or the whole of a side long; at a simple fraction; along a diagonal."""

_FRACTIONS = (1 / 4, 1 / 3, 1 / 2, 2 / 3, 3 / 4)
_BLOCKS = 12
_NOISE = 2.0
"""Grey levels: the least that steps along a stretch are held to vary, so that no faint one becomes sure."""


def seam_numbers(grey: np.ndarray) -> np.ndarray:
    """Measure seams.

    Args:
        grey: float32 (N, S, S), grey levels; S a multiple of 12.

    Returns:
        float32 (N, 5), see `SEAM_COLUMNS`: Student's t, about 0 to 5 in a photograph.
    """
    across = _along_columns(grey)
    down = _along_columns(np.ascontiguousarray(grey.transpose(0, 2, 1)))
    diagonal = np.maximum(_along_diagonal(grey), _along_diagonal(grey[:, :, ::-1]))
    return np.column_stack([np.maximum(across, down), diagonal]).astype(np.float32)


def _along_columns(grey: np.ndarray) -> np.ndarray:
    """The strongest seams between columns: float32 (N, 4)."""
    count, side = grey.shape[:2]
    step = np.abs(grey[:, :, 1:] - grey[:, :, :-1])
    sharp = step[:, :, 1:-1] - 0.5 * (step[:, :, :-2] + step[:, :, 2:])
    # Stretches are made of blocks of rows, so that the steps are added up once for all of them.
    blocks = sharp.reshape(count, _BLOCKS, side // _BLOCKS, -1)
    sums = _running(blocks.sum(axis=2))
    squares = _running(np.einsum("nbyx,nbyx->nbx", blocks, blocks))
    found = []
    for many in (_BLOCKS // 4, _BLOCKS // 2, _BLOCKS):
        length = many * (side // _BLOCKS)
        mean, square = ((one[:, many:] - one[:, :-many]) / length for one in (sums, squares))
        found.append(_student(mean, square - mean**2, length))
    whole = found.pop()[:, 0]
    found = [one.max(axis=(1, 2)) for one in found]
    # The step between columns x and x + 1 stands at x - 1.
    fractions = [round(side * share) - 2 for share in _FRACTIONS]
    return np.stack([*found, whole.max(axis=1), whole[:, fractions].max(axis=1)], axis=1)


def _running(blocks: np.ndarray) -> np.ndarray:
    """Sums of the first 0, 1, 2, ... blocks: (N, B, C) -> (N, B + 1, C)."""
    return np.pad(np.cumsum(blocks, axis=1), ((0, 0), (1, 0), (0, 0)))


def _along_diagonal(grey: np.ndarray) -> np.ndarray:
    """The strongest seam along the diagonal from the upper left, or directly next to it: float32 (N,)."""
    side = grey.shape[1]
    place = np.arange(3, side - 4)
    lines = np.stack([grey[:, place, place + offset] for offset in range(-3, 5)], axis=2)
    step = np.abs(lines[:, :, 1:] - lines[:, :, :-1])
    sharp = step[:, :, 1:-1] - 0.5 * (step[:, :, :-2] + step[:, :, 2:])
    return np.asarray(_student(sharp.mean(axis=1), sharp.var(axis=1), len(place)).max(axis=1))


def _student(mean: np.ndarray, variance: np.ndarray, length: int) -> np.ndarray:
    t: np.ndarray = mean * np.sqrt(length / (np.maximum(variance, 0) + _NOISE**2))
    return t
