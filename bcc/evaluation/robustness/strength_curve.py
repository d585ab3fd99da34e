"""How much of its accuracy a model keeps when images are distorted more and more.

`strength_curve` follows one augmentation from nothing to its full strength: a flat line is an invariance that
the model has. `bcc.evaluation.robustness.single_distortions` runs twelve of them under one fixed definition.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from bcc.augment import Augmentation, apply_compiled, image_keys
from bcc.datasets import Dataset
from bcc.models.resizing import resize_batch
from bcc.progress import Progress

if TYPE_CHECKING:
    import pandas as pd

    from bcc.models.prediction import Predictor

STRENGTHS = (0.2, 0.4, 0.6, 0.8, 1.0)
"""Shares of an augmentation's own magnitude."""

AT_ONCE = 64
"""Images distorted in one call."""


class Cancelled(Exception):  # noqa: N818 - nothing went wrong
    """Somebody asked to stop before the end; nothing was kept."""


def strength_curve(
    predictor: Predictor,
    dataset: Dataset,
    rows: np.ndarray,
    augmentation: Augmentation,
    strengths: Sequence[float] = STRENGTHS,
    seed: int = 0,
    progress: Progress | None = None,
    cancel: Callable[[], bool] | None = None,
    labels: np.ndarray | None = None,
) -> pd.DataFrame:
    """Accuracy against the strength of one augmentation.

    An image draws alike at every strength (the same angle's direction, the same place of a patch), so that a
    curve shows the strength and not the luck of the draw.

    Args:
        predictor: a model ready to predict.
        dataset: the images.
        rows: int (M,), which of them.
        augmentation: at its full strength; a mixing one is refused.
        strengths: 0..1 each, in the order wanted; 0 is the image as it is.
        seed: of the draws.
        progress: called with (share done, sentence).
        cancel: asked between batches; true ends the work.
        labels: int (M,), right answers as positions in the model's outputs, -1 for none; the dataset's own
            when missing.

    Returns:
        A row a strength: `strength`, `accuracy` and `unchanged` (share of images of which the model says
        the same as of the plain ones), both 0..1, and `n`.

    Raises:
        ValueError: the augmentation mixes images, so that there is no single right answer.
        Cancelled: `cancel` said so.
    """
    import pandas as pd

    if augmentation.topic == "mixing":
        raise ValueError(f"'{augmentation.name}' mixes images: there is no single right answer")
    rows = np.asarray(rows)
    truth = dataset.labels[rows] if labels is None else np.asarray(labels)
    plain = np.empty(len(rows), np.int64)
    predicted = np.empty((len(strengths), len(rows)), np.int64)
    report = _Batches(augmentation.title, len(rows), len(strengths), progress, cancel)
    for start in range(0, len(rows), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        images = resize_batch(np.asarray(dataset.images[rows[part]]), predictor.image_size)
        plain[part] = report.next(predictor(images).argmax(axis=1))
        keys = image_keys(seed, 0, rows[part])
        for place, strength in enumerate(strengths):
            changed = distorted(images, augmentation.at_strength(strength), keys)
            predicted[place, part] = report.next(predictor(changed).argmax(axis=1))
    return pd.DataFrame(
        {
            "strength": np.asarray(strengths, float),
            "accuracy": (predicted == truth).mean(axis=1),
            "unchanged": (predicted == plain).mean(axis=1),
            "n": len(rows),
        }
    )


class _Batches:
    """Reports each batch that was predicted, and stops between batches when asked to."""

    def __init__(
        self,
        title: str,
        rows: int,
        strengths: int,
        progress: Progress | None,
        cancel: Callable[[], bool] | None,
    ) -> None:
        self._title, self._progress, self._cancel = title, progress, cancel
        self._count, self._done = max(1, -(-rows // AT_ONCE) * (strengths + 1)), 0

    def next(self, predicted: np.ndarray) -> np.ndarray:
        """Hand a batch's predictions through.

        Raises:
            Cancelled: somebody asked to stop.
        """
        if self._cancel and self._cancel():
            raise Cancelled
        self._done += 1
        if self._progress:
            self._progress(self._done / self._count, f"{self._title}: {self._done} of {self._count} batches")
        return predicted


def distorted(images: np.ndarray, augmentation: Augmentation, keys: np.ndarray) -> np.ndarray:
    """Images through one augmentation, as uint8 again.

    Args:
        images: uint8 (N, H, W, 3). A batch is filled up to `AT_ONCE`, so that one tracing serves all.
        augmentation: whose values count.
        keys: int32 (N, 2).
    """
    number = len(images)

    def full(values: Any) -> np.ndarray:
        return np.concatenate([values, np.repeat(values[-1:], AT_ONCE - number, axis=0)])

    if number < AT_ONCE:
        images, keys = full(images), full(keys)
    labels = np.ones((len(images), 1), np.float32)
    changed, _ = apply_compiled(augmentation, images.astype(np.float32), labels, keys)
    result: np.ndarray = np.rint(changed.numpy()[:number]).astype(np.uint8)
    return result
