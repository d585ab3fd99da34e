"""Intervals of what is counted from probabilities: log loss and the expected calibration error."""

from __future__ import annotations

import numpy as np

from bcc.evaluation.intervals.general_scores import along
from bcc.wilson import LEVEL, quantile, wilson

_STEPS = 60
_DRAWS = 300


def log_loss_interval(
    losses: np.ndarray, right: np.ndarray, second: np.ndarray, level: float = LEVEL
) -> tuple[float, float]:
    """How far the mean loss would move on other images.

    A few sure mistakes make most of a log loss, and a small set may hold none. So the interval puts two
    things together: how common mistakes are (Wilson's interval), times what one costs more than a right
    answer, and how much the losses of right and of wrong answers scatter (Zou and Donner, "Construction
    of confidence limits about effect measures", 2008). What a mistake costs is known from those that were
    seen and from one more, which takes the second guess of the answers for the truth.

    Args:
        losses: of each answer in nats, float (N,).
        right: bool (N,).
        second: probability of each second guess, float (N,).
        level: 0..1.

    Returns:
        Lower and upper end; NaN without answers.
    """
    n = len(losses)
    if not n:
        return np.nan, np.nan
    z, mean, wrong = quantile(level), losses.mean(), losses[~right]
    chances = np.maximum(np.asarray(second, np.float64), np.finfo(np.float32).eps)
    unseen = (chances * -np.log(chances)).sum() / chances.sum()
    of_right = losses[right].mean() if right.any() else 0.0
    of_wrong = (wrong.sum() + unseen) / (len(wrong) + 1)
    share = len(wrong) / n
    low, high = wilson(np.array(share), np.array(n), level)
    scatter = np.var(losses[right]) if right.any() else 0.0
    of_mistakes = (((wrong - of_wrong) ** 2).sum() + unseen**2) / max(len(wrong), 1)
    within = z * np.sqrt(((1 - share) * scatter + share * of_mistakes) / n)
    dearer = max(of_wrong - of_right, 0.0)
    below = np.hypot((share - low) * dearer, within)
    above = np.hypot((high - share) * dearer, within)
    return float(max(mean - below, 0)), float(mean + above)


def calibration_error_interval(
    n: np.ndarray, confidence: np.ndarray, accuracy: np.ndarray, level: float = LEVEL, seed: int = 0
) -> tuple[float, float]:
    """How far the expected calibration error would be from this on very many images.

    A small set shows an error even of answers that are as sure as they should be, since no group is right
    exactly as often as it should; so the lower end is often 0, and the error that was seen nearer to the
    upper one. The family: the gaps of the groups, made smaller and larger. What would be seen of each is
    drawn (Broecker and Smith, "Increasing the reliability of reliability diagrams", 2007, for gaps of 0).

    Args:
        n, confidence, accuracy: of each group of answers (`reliability`), (G,).
        level: 0..1.
        seed: of the draws.

    Returns:
        Lower and upper end, 0..1; NaN without groups.
    """
    n = np.asarray(n, np.int64)
    confidence, accuracy = np.asarray(confidence, np.float64), np.asarray(accuracy, np.float64)
    if not n.sum():
        return np.nan, np.nan
    weights = n / n.sum()
    seen = (weights * np.abs(accuracy - confidence)).sum()
    # A group of one answer has a gap that says nothing: it is drawn towards the mean gap of all.
    mean_gap = (weights * (accuracy - confidence)).sum()
    gaps = (n * (accuracy - confidence) + 2 * mean_gap) / (n + 2)
    if np.abs(gaps).max() < 1e-6:
        gaps = -confidence
    unit = 1 / (np.abs(gaps) * weights).sum()
    sizes = np.linspace(0, 1, _STEPS) ** 2 * unit
    truth = np.clip(confidence + sizes[:, None] * gaps, 0, 1)
    truths = (weights * np.abs(truth - confidence)).sum(axis=1)
    drawn = np.random.default_rng(seed).binomial(n, truth, (_DRAWS, *truth.shape)) / n
    errors = (weights * np.abs(drawn - confidence)).sum(axis=2)
    low, high = along(
        np.array(seen), truths, errors.std(axis=0), np.array([0.5 / n.sum()]), level, errors.mean(axis=0)
    )
    # Mistakes that a small set does not hold make a gap of their own: all answers as one group.
    middle = (weights * confidence).sum()
    fewest, most = wilson((weights * accuracy).sum(), n.sum(), level)
    return float(low), float(max(high, abs(middle - fewest), abs(most - middle)))
