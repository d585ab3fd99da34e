"""Re-standardise a run's features on another set, without labels, every class weighing the same.

Between laboratories the features before the head are shifted and stretched. Taking each set's plain mean and
spread would mix that shift with the shares of the classes, which differ too. So the run's own predictions
stand in for labels, each class's mean and spread weigh the same, and only classes that both sets have count.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from bcc.evaluation.predictions.out_of_distribution import OodDetector

if TYPE_CHECKING:
    import keras

FEWEST = 5
"""Images of a class from which on its mean and spread count."""
ROUNDS = 3
"""Times that predictions are made anew with the features re-standardised so far."""
_SAME = 1e-3
"""Largest difference of probabilities for which a head counts as understood."""


@dataclass(frozen=True)
class Moments:
    """Class-balanced mean and standard deviation of features: float64 (D,) each."""

    mean: np.ndarray
    spread: np.ndarray


def balanced_moments(features: np.ndarray, labels: np.ndarray, classes: np.ndarray) -> Moments:
    """Mean and spread in which each class weighs the same.

    Args:
        features: float (N, D).
        labels: int (N,).
        classes: int (K,), those that count; each has rows.
    """
    means = np.stack([features[labels == one].mean(axis=0, dtype=np.float64) for one in classes])
    within = np.stack([features[labels == one].var(axis=0, dtype=np.float64) for one in classes])
    mean = means.mean(axis=0)
    return Moments(mean, np.sqrt((within + (means - mean) ** 2).mean(axis=0)))


class Head:
    """The end of a model, from the mean of its last feature map to probabilities.

    Args:
        model: flat, from images to probabilities.
        width: of the features that a `FeatureExtractor` of it gives.

    Raises:
        ValueError: the model has no average pooling of a known name.
    """

    def __init__(self, model: keras.Model, width: int) -> None:
        import keras

        pools = [layer for layer in model.layers if layer.name.endswith("_head_gap")]
        if not pools or "Average" not in type(pools[-1]).__name__:
            raise ValueError("the model does not end in an average of its last feature map")
        self._model = keras.Model(pools[-1].output, model.output)
        channels = int(pools[-1].output.shape[-1])
        # Features are the means of all maps, then their spreads; the last map comes last in each half.
        self.columns = slice(width // 2 - channels, width // 2)

    def __call__(self, pooled: np.ndarray) -> np.ndarray:
        """Probabilities float32 (N, K) of pooled features (N, channels)."""
        found: Any = self._model(pooled.astype(np.float32), training=False)
        return np.asarray(found)

    def understands(self, features: np.ndarray, probabilities: np.ndarray) -> bool:
        """Whether it gives the model's own probabilities back."""
        return bool(np.abs(self(features[:, self.columns]) - probabilities).max(initial=0) < _SAME)


def restandardised(
    head: Head, features: np.ndarray, probabilities: np.ndarray, known: OodDetector
) -> tuple[np.ndarray, Moments, Moments]:
    """Predict another set with its features brought to the moments of the run's own.

    Args:
        head: of the run's model.
        features: float (N, D), of the other set.
        probabilities: float (N, K), of the run for them.
        known: the run's familiarity: features and labels of its training rows.

    Returns:
        Probabilities float32 (N, K), and the moments of the run's own and of the other set that made them;
        the plain probabilities where fewer than two classes have enough images in both.
    """
    own = (known.features * known.scale + known.mean)[:, head.columns]
    pooled = features[:, head.columns]
    home = there = Moments(np.zeros(pooled.shape[1]), np.ones(pooled.shape[1]))
    for _ in range(ROUNDS):
        guessed = probabilities.argmax(axis=1)
        classes = np.array(
            [
                one
                for one in range(probabilities.shape[1])
                if min((guessed == one).sum(), (known.labels == one).sum()) >= FEWEST
            ]
        )
        if len(classes) < 2:
            break
        home = balanced_moments(own, known.labels, classes)
        there = balanced_moments(pooled, guessed, classes)
        scaled = (pooled - there.mean) / np.maximum(there.spread, 1e-6) * home.spread + home.mean
        probabilities = head(scaled)
    return probabilities, home, there
