"""Whether a map marks the cell: its share inside a mask, and whether its maximum lies there."""

from __future__ import annotations

import numpy as np


def share_inside(maps: np.ndarray, masks: np.ndarray) -> np.ndarray:
    """Share of each map's sum that lies in its mask.

    Args:
        maps: float (N, H, W), values >= 0.
        masks: bool (N, H, W).

    Returns:
        float64 (N,), 0..1; NaN where the map or the mask is empty.
    """
    total = maps.sum(axis=(1, 2), dtype=np.float64)
    inside = (maps * masks).sum(axis=(1, 2), dtype=np.float64)
    known = (total > 0) & masks.any(axis=(1, 2))
    return np.where(known, inside / np.where(known, total, 1), np.nan)


def hits(maps: np.ndarray, masks: np.ndarray) -> np.ndarray:
    """The pointing game (Zhang et al. 2018, https://doi.org/10.1007/s11263-017-1059-x).

    Returns:
        float64 (N,): 1 where the hottest place lies in the mask, 0 where it does not; where several places
        are as hot, the share of them that does; NaN where the map or the mask is empty.
    """
    flat, inside = maps.reshape(len(maps), -1), masks.reshape(len(masks), -1)
    hottest = flat == flat.max(axis=1, keepdims=True)
    shares = (hottest & inside).sum(axis=1) / hottest.sum(axis=1)
    return np.where((flat.max(axis=1) > 0) & inside.any(axis=1), shares, np.nan)
