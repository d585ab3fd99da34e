"""Confidence interval of a plain share: k of n images.

The one place where that is decided. Every other interval starts from it (`bcc.evaluation.intervals`), and
figures, which import nothing else of `bcc`, draw this one.
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

LEVEL = 0.95
"""Of all intervals."""


def quantile(level: float = LEVEL) -> float:
    """How many standard deviations to each side hold so much of a normal distribution: 1.96 for 0.95."""
    return NormalDist().inv_cdf((1 + level) / 2)


def wilson(share: np.ndarray, n: np.ndarray, level: float = LEVEL) -> tuple[np.ndarray, np.ndarray]:
    """Wilson's interval of a share: all true shares that would not make this one a surprise.

    It is never empty: of 50 right out of 50 it says 92.9 % to 100 %.

    Source: Wilson, "Probable inference, the law of succession, and statistical inference", 1927; why this
    one: Brown, Cai and DasGupta, "Interval estimation for a binomial proportion", 2001.

    Args:
        share: float (...), 0..1.
        n: images that it is a share of, (...).
        level: 0..1.

    Returns:
        Lower and upper end, each float64 (...), 0..1; NaN where there is no image.
    """
    share, n = np.broadcast_arrays(np.asarray(share, np.float64), np.asarray(n, np.float64))
    known = (n > 0) & np.isfinite(share)
    share, n = np.where(known, share, 0.5), np.where(known, n, 1.0)
    z = quantile(level)
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    # Rounding must not put 50 right out of 50 above their own end.
    low = np.where(share <= 0, 0.0, np.minimum(centre - half, share))
    high = np.where(share >= 1, 1.0, np.maximum(centre + half, share))
    return np.where(known, low, np.nan), np.where(known, high, np.nan)
