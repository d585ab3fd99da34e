"""What is usual in a class, and how far from it a picture lies, whatever faults are in the set.

Middle and spread are the median and the median absolute deviation, which stay put until half of a class is
faulty. Small classes borrow from the whole set.
"""

from __future__ import annotations

import numpy as np

MAD_TO_SIGMA = 1.4826
"""A normal distribution's standard deviation over its median absolute deviation."""
BORROWED = 10
"""A class's own middle and spread count as much as the set's when it has this many pictures."""


def typical(values: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Middle and spread of the class that each picture is labelled with.

    Args:
        values: float (N,), not finite where there is nothing to measure.
        labels: int64 (N,).

    Returns:
        Two float64 (N,): the median, and the standard deviation estimated from the median absolute
        deviation. Each is the class's, mixed with the set's as if that had `BORROWED` pictures.
    """
    values = np.asarray(values, np.float64)
    good = np.isfinite(values)
    middle, spread = np.zeros(len(values)), np.zeros(len(values))
    if not good.any():
        return middle, spread
    overall = float(np.median(values[good]))
    wide = MAD_TO_SIGMA * float(np.median(np.abs(values[good] - overall)))
    for label in np.unique(labels):
        rows = labels == label
        own = values[rows & good]
        if not len(own):
            middle[rows], spread[rows] = overall, wide
            continue
        centre = float(np.median(own))
        around = MAD_TO_SIGMA * float(np.median(np.abs(own - centre)))
        share = len(own) / (len(own) + BORROWED)
        middle[rows] = share * centre + (1 - share) * overall
        spread[rows] = share * around + (1 - share) * max(wide, abs(centre - overall))
    return middle, spread


def deviation(values: np.ndarray, labels: np.ndarray, floor: float) -> np.ndarray:
    """How many spreads a picture lies above (or, negative, below) the middle of its class.

    Args:
        values: float (N,).
        labels: int64 (N,).
        floor: smallest spread, in the values' unit, so that a class of equals does not make faults of
            nothing.

    Returns:
        float64 (N,), 0 where there is nothing to measure.
    """
    middle, spread = typical(values, labels)
    far = (np.asarray(values, np.float64) - middle) / np.maximum(spread, floor)
    return np.where(np.isfinite(far), far, 0.0)


def score_beyond(distance: np.ndarray, limit: float) -> np.ndarray:
    """Turn a distance into a score: 1 at 0, 0.5 at the limit, towards 0 far beyond it."""
    ratio = np.maximum(np.asarray(distance, np.float64), 0) / limit
    return 1 / (1 + ratio**2)
