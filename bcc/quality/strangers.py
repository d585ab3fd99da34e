"""Outlier detection: a dataset's images learned against artificial outliers.

Learning from artificial outliers is known as outlier exposure (Hendrycks, Mazeika and Dietterich, "Deep
Anomaly Detection with Outlier Exposure", ICLR 2019). The dataset may itself hold outliers, so images that
look strange at first are left out of a second fit, and no image is judged by a model that was trained on it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from bcc.cells.fits import ignore_unconverged

_FOLDS = 3
_TRIMMED = 0.12
"""Share of the set that is left out as possibly strange, at most, when learning again."""
_ODD = 0.3
"""Chance below which an image is always learned from again: leaving out odd ones makes others odd."""
_MOST = 6000
"""The set's own images that are learned from, at most."""
_ONE_FOREST = threading.Lock()

Learner = Callable[[int], Any]
"""From a seed to a scikit-learn classifier."""


def chance_of_strangers(
    own: np.ndarray,
    strange: np.ndarray,
    familiar: np.ndarray,
    trusted: np.ndarray,
    learners: Sequence[Learner],
    rng: np.random.Generator,
    progress: Callable[[float], None] = lambda share: None,
) -> np.ndarray:
    """How likely each image of a set is a stranger.

    Args:
        own: float32 (N, C), numbers of the set's images.
        strange: float32 (S, C), of artificial outliers.
        familiar: float32 (M, C), of altered images that still belong to the dataset.
        trusted: bool (N,), which of the set's images may be learned from.
        learners: one for each time it is learned; the last one is believed.
        rng: draws folds and models.
        progress: called with the share done.

    Returns:
        float64 (N,), 0..1.
    """
    for position, learner in enumerate(learners[:-1]):
        progress(position / len(learners))
        chance = _out_of_fold(learner, own, strange, familiar, trusted, rng)
        trusted = trusted & (chance < max(_ODD, np.quantile(chance[trusted], 1 - _TRIMMED)))
    progress(1 - 1 / len(learners))
    return _out_of_fold(learners[-1], own, strange, familiar, trusted, rng)


def _out_of_fold(
    learner: Learner,
    own: np.ndarray,
    strange: np.ndarray,
    familiar: np.ndarray,
    trusted: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """Judge each image by a model that learned from others."""
    shown = np.flatnonzero(trusted)
    if len(shown) > _MOST:
        shown = np.sort(rng.choice(shown, _MOST, replace=False))
    fold = rng.integers(_FOLDS, size=len(own))
    chance = np.zeros(len(own))
    for number in range(_FOLDS):
        others = shown[fold[shown] != number]
        # Artificial images belong to no fold: none of them is judged.
        seen = np.concatenate([own[others], familiar, strange])
        answer = np.repeat([0, 0, 1], [len(others), len(familiar), len(strange)])
        rows = fold == number
        # The filters are the process's: two scans at once must not reset them together either.
        with _ONE_FOREST:
            model = learner(int(rng.integers(2**31))).fit(seen, answer)
            if rows.any():
                chance[rows] = model.predict_proba(own[rows])[:, 1]
    return chance


def linear(seed: int) -> Any:
    """Logistic regression on standardised numbers."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    ignore_unconverged()
    return make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=300))


def forest(trees: int) -> Learner:
    """Extremely randomised trees (Geurts, Ernst and Wehenkel 2006), both sides weighing the same."""

    def planted(seed: int) -> Any:
        from sklearn.ensemble import ExtraTreesClassifier

        # One thread: scikit-learn resets the process's warning filters in each of its threads, and two of
        # them at once leave none, so that every warning of every library reaches the shell from then on.
        return ExtraTreesClassifier(
            trees, min_samples_leaf=2, n_jobs=1, random_state=seed, class_weight="balanced"
        )

    return planted
