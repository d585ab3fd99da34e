"""Wilson's idea for scores that are no plain share: macro F1, kappa, areas and their like.

Wilson's interval holds every true share p for which the share that was seen lies within 1.96 standard
deviations of p, as they would be if p were true. Where nothing is wrong it still reaches down to the shares
that would often show nothing wrong. The same can be said of any score, once there is a *family* of truths to
run through: here, what was seen, with its mistakes made rarer and commoner (all odds times one factor).
"""

from __future__ import annotations

import numpy as np

from bcc.wilson import LEVEL, quantile

SHRINK = 2.0
"""Images of average error added to each class, so that one with three images and no mistake is not taken
for flawless."""

_STEPS = 81
MIDDLE = _STEPS // 2
"""Where the step is 0."""
_FURTHEST = 14.0
"""In log odds: beyond it nothing is wrong, or nothing right."""


def odds_factors(mistakes: np.ndarray) -> np.ndarray:
    """Steps in log odds by which errors are made rarer and commoner, densest where little is needed.

    Args:
        mistakes: how many were seen, (...).

    Returns:
        (..., steps), rising; with a step of 0 in the middle.
    """
    unit = 1 / np.sqrt(np.asarray(mistakes, np.float64)[..., None] + 0.5)
    return unit * np.sinh(np.linspace(-1, 1, _STEPS) * np.arcsinh(_FURTHEST / unit))


def shrunken_errors(errors: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Error of each class, drawn towards that of all.

    Args:
        errors: mistakes seen in each class, (..., K); may be fractions.
        n: images of the class, (..., K).

    Returns:
        (..., K), strictly between 0 and 1.
    """
    pooled = (errors.sum(axis=-1, keepdims=True) + 0.5) / (n.sum(axis=-1, keepdims=True) + 1)
    result: np.ndarray = (errors + SHRINK * pooled) / (n + SHRINK)
    return result


def with_odds(shares: np.ndarray, step: np.ndarray) -> np.ndarray:
    """Shares with their log odds moved by a step."""
    odds = np.log(shares) - np.log1p(-shares) + step
    result: np.ndarray = 1 / (1 + np.exp(-odds))
    return result


def along(
    seen: np.ndarray,
    truths: np.ndarray,
    deviations: np.ndarray,
    slack: np.ndarray,
    level: float = LEVEL,
    expected: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """The truths of a family that would not make a score a surprise.

    Args:
        seen: the score, (...).
        truths: what it is in each member of the family, (..., steps).
        deviations: its standard deviation there, (..., steps).
        slack: half of what one image more or less changes (the correction for continuity), (..., steps).
        level: 0..1.
        expected: what would be seen on average there, (..., steps), where that is not the truth.

    Returns:
        Lower and upper end, each (...), with the score itself between them; NaN where it is.
    """
    outside = (
        np.abs(seen[..., None] - (truths if expected is None else expected))
        - slack
        - quantile(level) * deviations
    )
    before, after = outside[..., :-1], outside[..., 1:]
    crosses = (before > 0) != (after > 0)
    part = np.divide(before, before - after, out=np.zeros_like(before), where=crosses)
    edges = np.where(crosses, truths[..., :-1] + part * np.diff(truths, axis=-1), seen[..., None])
    inside = np.where(outside <= 0, truths, seen[..., None])
    low = np.minimum(edges.min(axis=-1), inside.min(axis=-1))
    high = np.maximum(edges.max(axis=-1), inside.max(axis=-1))
    return np.minimum(low, seen), np.maximum(high, seen)
