"""What is usual in a class, and how far from it an image lies, whatever faults are in the set.

Middle and spread are the median and the median absolute deviation, which stay put until half of a class is
faulty. Small classes borrow from the whole set.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

MAD_TO_SIGMA = 1.4826
"""A normal distribution's standard deviation over its median absolute deviation."""
BORROWED = 10
"""A class's own middle and spread count as much as the set's when it has this many images."""


@dataclass(frozen=True)
class Usual:
    """Middle and spread of one measurement in each class, float64 (K,)."""

    middle: np.ndarray
    spread: np.ndarray

    @classmethod
    def of(cls, values: np.ndarray, labels: np.ndarray) -> Usual:
        """Compute centre and spread of a measurement per class.

        Args:
            values: float (N,), not finite where there is nothing to measure.
            labels: int64 (N,).

        Returns:
            The median and the standard deviation estimated from the median absolute deviation, each
            class's mixed with the set's as if that had `BORROWED` images.
        """
        values = np.asarray(values, np.float64)
        good = np.isfinite(values)
        overall, wide = _middle_and_spread(values[good])
        classes = int(labels.max(initial=0)) + 1
        middle, spread = np.full(classes, overall), np.full(classes, wide)
        for label in np.unique(labels[good]):
            own = values[good & (labels == label)]
            centre, around = _middle_and_spread(own)
            share = len(own) / (len(own) + BORROWED)
            middle[label] = share * centre + (1 - share) * overall
            # While a class is hardly known, it may lie anywhere between itself and the others.
            spread[label] = share * around + (1 - share) * max(wide, abs(centre - overall))
        return cls(middle, spread)

    def deviation(self, values: np.ndarray, labels: np.ndarray, floor: float) -> np.ndarray:
        """How many spreads an image lies above (or, negative, below) the middle of a class.

        Args:
            values: float (N,).
            labels: int64 (N,), the class that each is compared with.
            floor: smallest spread, in the values' unit, so that a class of equals does not make faults of
                nothing.

        Returns:
            float64 (N,), 0 where there is nothing to measure.
        """
        far = (np.asarray(values, np.float64) - self.middle[labels]) / np.maximum(self.spread[labels], floor)
        return np.where(np.isfinite(far), far, 0.0)


def _middle_and_spread(values: np.ndarray) -> tuple[float, float]:
    if not len(values):
        return 0.0, 0.0
    middle = float(np.median(values))
    return middle, MAD_TO_SIGMA * float(np.median(np.abs(values - middle)))


def score_beyond(distance: np.ndarray, limit: float) -> np.ndarray:
    """Turn a distance into a score: 1 at 0, 0.5 at the limit, towards 0 far beyond it."""
    ratio = np.maximum(np.asarray(distance, np.float64), 0) / limit
    return 1 / (1 + ratio**2)
