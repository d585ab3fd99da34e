"""Saliency of a whole class, over a sample of its images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bcc.errors import UserError
from bcc.explain.saliency import Explainer
from bcc.progress import Progress


@dataclass(frozen=True)
class ClassSaliency:
    """Saliency of one class.

    Attributes:
        label: position in the model's classes.
        rows: int64 (M,), the sampled rows of the dataset.
        maps: float32 (M, h, w), one map a row, for the class itself.
        mean: float32 (h, w), their mean.
    """

    label: int
    rows: np.ndarray
    maps: np.ndarray
    mean: np.ndarray

    def sheet(self, sure: np.ndarray, each: int = 3) -> dict[str, np.ndarray]:
        """Which of the sampled images stand for the class.

        Args:
            sure: float (M,), the model's probability of this class in each.
            each: images of each kind.

        Returns:
            "typical" (maps most like the mean), "best" (the surest of the class) and "worst" (the least
            sure): positions among `rows`. A small sample shows some images under two headings.
        """
        return {
            "typical": np.argsort(-_likeness(self.maps, self.mean), kind="stable")[:each],
            "best": np.argsort(-sure, kind="stable")[:each],
            "worst": np.argsort(sure, kind="stable")[:each],
        }


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
    progress: Progress | None = None,
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


def difference(found: Sequence[ClassSaliency], one: int, other: int) -> np.ndarray:
    """How the mean map of one class differs from another's.

    Each mean is scaled to a sum of 1 first, so that it is where they look that counts, and not how much.

    Args:
        found: of `explain_classes`.
        one, other: labels of two classes among them.

    Returns:
        float32 (h, w), positive where the first looks more; -1..1, the largest difference has size 1.

    Raises:
        UserError: a class has no images here.
    """
    of = {each.label: each.mean for each in found}
    for label in (one, other):
        if label not in of:
            raise UserError(f"Class {label} has no images here, so it has no mean map.")
    first, second = (of[label] / max(float(of[label].sum()), 1e-12) for label in (one, other))
    gap = first - second
    largest = float(np.abs(gap).max())
    return (gap / largest if largest > 0 else gap).astype(np.float32)


def _likeness(maps: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Cosine between each map and the mean: float (M,), 0..1; 0 for an empty map."""
    flat = maps.reshape(len(maps), -1)
    sizes = np.linalg.norm(flat, axis=1) * np.linalg.norm(mean)
    cosines: np.ndarray = np.divide(flat @ mean.ravel(), sizes, out=np.zeros(len(maps)), where=sizes > 0)
    return cosines
