"""What a model looks at in a class as a whole: saliency over a sample of its pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bcc.explain.saliency import Explainer


@dataclass(frozen=True)
class ClassSaliency:
    """Saliency of one class.

    Attributes:
        label: position in the model's classes.
        rows: int64 (M,), the sampled rows of the data set.
        maps: float32 (M, h, w), one map a row, for the class itself.
        mean: float32 (h, w), their mean.
    """

    label: int
    rows: np.ndarray
    maps: np.ndarray
    mean: np.ndarray


def sample_per_class(
    labels: np.ndarray, rows: np.ndarray, classes: int, per_class: int, seed: int
) -> np.ndarray:
    """Up to `per_class` of `rows` for each class, drawn by `seed`: int64 (M,), ordered by class.

    Args:
        labels: int64 (len(rows),), the class of each row; -1 is never drawn.
        rows: int64, rows to draw from.
    """
    rng = np.random.default_rng(seed)
    drawn = []
    for label in range(classes):
        candidates = rows[labels == label]
        drawn.append(np.sort(rng.permutation(candidates)[:per_class]))
    return np.concatenate(drawn).astype(np.int64) if drawn else np.zeros(0, np.int64)


def explain_classes(
    explainer: Explainer,
    images: np.ndarray,
    rows: np.ndarray,
    labels: np.ndarray,
    progress: Callable[[float, str], None] | None = None,
) -> list[ClassSaliency]:
    """Explain `rows` for their true class and average per class.

    Args:
        images: uint8 (N, H, W, 3).
        rows: int64 (M,), rows to explain.
        labels: int64 (M,), their true classes, positions in the model's classes.
    """
    maps = explainer(images[rows], labels, progress)
    return [
        ClassSaliency(
            int(label), rows[labels == label], maps[labels == label], maps[labels == label].mean(axis=0)
        )
        for label in np.unique(labels)
    ]
