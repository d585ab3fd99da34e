"""Intervals of scores that follow from a confusion matrix and are no plain shares.

The family (`bcc.evaluation.intervals.general_scores`) keeps how many images each class has and where its
mistakes go, and changes how common they are. The standard deviation is that of the delta method: how much
each score moves with each field of the matrix, times how much that field varies from sample to sample.
"""

from __future__ import annotations

import numpy as np

from bcc.evaluation.intervals.general_scores import MIDDLE, along, odds_factors, shrunken_errors, with_odds
from bcc.evaluation.metrics.classification import count_confusions
from bcc.evaluation.metrics.from_confusion import margins, overall_measures, overall_of_margins
from bcc.wilson import LEVEL, quantile, wilson

Ends = tuple[np.ndarray, np.ndarray]

_STEP = 1e-6


def confusion_intervals(counts: np.ndarray, level: float = LEVEL) -> dict[str, Ends]:
    """Lower and upper end of every score of `overall_measures`.

    A class without an image is in none of the families: nothing is known of it. One that is called
    without being there counts with an F1 and a precision of 0 in the score; the upper end leaves it out.

    Args:
        counts: float or int (S, K + 1, K), S matrices.
        level: 0..1.

    Returns:
        measure -> ends, each float64 (S,): NaN where the score is. Accuracy has Wilson's.
    """
    counts = np.asarray(counts, np.float64)
    shown = overall_measures(counts)
    n = counts.sum(axis=(-2, -1))
    found = {"accuracy": wilson(shown["accuracy"], n, level)}
    if counts.shape[-1] == 1:
        # With one class there is one answer, and no mistake to be made rarer or commoner.
        return found | {name: wilson(values, n, level) for name, values in shown.items()}
    has = counts.sum(axis=-1) > 0
    seen = overall_of_margins(*margins(counts), has)
    truths, deviations, slack = _moments(_members(counts), has, n)
    for name, values in shown.items():
        if name != "accuracy":
            low, high = along(seen[name], truths[name], deviations[name], slack[name], level)
            # With images of one class some scores cannot move, which is no knowledge of others.
            still = np.ptp(truths[name], axis=-1) < 1e-9
            low, high = (
                np.where(still, *ends)
                for ends in zip(wilson(np.clip(values, 0, 1), n, level), (low, high), strict=True)
            )
            # The lower arm hangs on the score that is shown, the upper one on that of the classes there are.
            low = np.maximum(low - np.maximum(seen[name] - values, 0), np.minimum(low, 0))
            found[name] = (np.minimum(low, values), np.maximum(high, values))
    return found


def difference_intervals(
    labels: np.ndarray, first: np.ndarray, second: np.ndarray, classes: int, level: float = LEVEL
) -> dict[str, tuple[float, float, float]]:
    """How far the second's scores are above the first's, on the same rows.

    Images that both find hard move both scores alike, and nothing of that is left in the difference. Each
    row counts with what it adds to the one score less what it adds to the other (the delta method). Two more
    rows, of which only one is right, first the one and then the other, keep the interval open where both
    say the same (after Agresti and Min, "Effects and non-effects of paired identical observations", 2005).

    Args:
        labels: int64 (N,), positions in the K classes, or -1.
        first, second: answers, int64 (N,).
        classes: K.
        level: 0..1.

    Returns:
        measure -> difference, lower and upper end; NaN without rows.
    """
    counts = np.stack([count_confusions(labels, said, classes) for said in (first, second)]).astype(float)
    scores = {name: values[1] - values[0] for name, values in overall_measures(counts).items()}
    n = len(labels)
    if not n or classes == 1:
        return {name: (float(value), np.nan, np.nan) for name, value in scores.items()}
    members = _members(counts)[:, MIDDLE : MIDDLE + 1]
    wrong = members[:, 0] * (1 - np.eye(*counts.shape[1:]))
    share = np.maximum(wrong.sum(axis=(-2, -1)), np.finfo(float).tiny)
    found = {}
    for name, gains in _gains(members, counts.sum(axis=-1) > 0).items():
        costs = _costs(gains[:, 0])
        moved = gains[1, 0][labels, second] - gains[0, 0][labels, first]
        more = (wrong * costs**2).sum(axis=(-2, -1)) / share
        step = ((wrong * costs).sum(axis=(-2, -1)) / share).max() / n / 2
        half = quantile(level) * np.sqrt((moved**2).sum() + more.sum()) / n + step
        value = scores[name]
        # A score lies in a range: 0 to 1, or -1 to 1.
        widest = 2.0 if name in ("cohen_kappa", "matthews") else 1.0
        found[name] = (float(value), float(max(value - half, -widest)), float(min(value + half, widest)))
    return found


def against_the_rest(counts: np.ndarray) -> np.ndarray:
    """The matrix of each class against all others: (K + 1, K) -> (K, 3, 2), the class first."""
    right, support, predicted = (part[:-1] for part in margins(counts))
    n = counts.sum()
    fields = np.zeros((len(right), 3, 2))
    fields[:, 0, 0], fields[:, 0, 1] = right, support - right
    fields[:, 1, 0] = predicted - right
    fields[:, 1, 1] = n - support - predicted + right
    return fields


def _members(counts: np.ndarray) -> np.ndarray:
    """Shares of all fields in each member of the family: (S, steps, K + 1, K)."""
    right, support, predicted = margins(counts)
    n = support.sum(axis=-1)[:, None]
    known, classes = support[:, :-1], counts.shape[-1]
    errors = shrunken_errors(known - right[:, :-1], known)
    # Wrong answers go where they went, and a little by how common the classes are.
    occurs = (known > 0) | (predicted[:, :-1] > 0)
    occurs |= occurs.sum(axis=-1, keepdims=True) < 2
    common = (known + 0.5) / (n + 0.5 * classes) * occurs
    goes = (counts[:, :-1] + common[:, None]) * (1 - np.eye(classes))
    goes /= np.maximum(goes.sum(axis=-1, keepdims=True), np.finfo(float).tiny)
    steps = odds_factors((known - right[:, :-1]).sum(axis=-1))
    wrong = with_odds(errors[:, None], steps[..., None])
    rows = wrong[..., None] * goes[:, None] + (1 - wrong)[..., None] * np.eye(classes)
    members = np.empty((*wrong.shape[:2], classes + 1, classes))
    members[..., :-1, :] = rows * (known / np.maximum(n, 1))[:, None, :, None]
    members[..., -1, :] = (counts[:, -1] / np.maximum(n, 1))[:, None]
    return members


def _moments(
    members: np.ndarray, has: np.ndarray, n: np.ndarray
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Score, standard deviation and half a step of each measure in each member: each (S, steps)."""
    truths = overall_of_margins(*margins(members), np.broadcast_to(has[:, None], members.shape[:-1]))
    total = np.maximum(n, 1)[:, None]
    wrong = members * (1 - np.eye(*members.shape[-2:]))
    share = np.maximum(wrong.sum(axis=(-2, -1)), np.finfo(float).tiny)
    deviations, slack = {}, {}
    for name, gains in _gains(members, has).items():
        deviations[name] = np.sqrt((members * gains**2).sum(axis=(-2, -1)) / total)
        slack[name] = (wrong * _costs(gains)).sum(axis=(-2, -1)) / share / total / 2
    return truths, deviations, slack


def _gains(members: np.ndarray, has: np.ndarray) -> dict[str, np.ndarray]:
    """How fast each score rises with the share of each field: name -> (S, steps, K + 1, K)."""
    of_members = margins(members)
    has = np.broadcast_to(has[:, None], of_members[0].shape)
    of_right, of_support, of_predicted = (_slopes(of_members, has, which) for which in range(3))
    same = np.eye(*members.shape[-2:])
    return {
        name: support[..., :, None] + of_predicted[name][..., None, :-1] + same * of_right[name][..., :, None]
        for name, support in of_support.items()
    }


def _costs(gains: np.ndarray) -> np.ndarray:
    """What each mistake costs against the right answer about the same image: like `gains`, 0 or more."""
    right = np.diagonal(gains, axis1=-2, axis2=-1)
    result: np.ndarray = np.abs(
        gains - np.concatenate([right, gains[..., -1, :].mean(axis=-1, keepdims=True)], axis=-1)[..., None]
    )
    return result


def _slopes(
    of_members: tuple[np.ndarray, np.ndarray, np.ndarray], has: np.ndarray, which: int
) -> dict[str, np.ndarray]:
    """How fast each score moves with one kind of margin of each class: name -> (S, steps, K + 1)."""
    lines = of_members[which].shape[-1]
    found: dict[str, np.ndarray] = {}
    for line in range(lines):
        sides = []
        for sign in (1, -1):
            moved = [*of_members]
            moved[which] = of_members[which].copy()
            moved[which][..., line] += sign * _STEP
            sides.append(overall_of_margins(moved[0], moved[1], moved[2], has))
        for name, above in sides[0].items():
            found.setdefault(name, np.empty(of_members[which].shape))[..., line] = (
                above - sides[1][name]
            ) / (2 * _STEP)
    return found
