"""A few validation images that are looked at after an epoch, so that one sees a model make up its mind.

watched.npz in the run directory: `rows` and `labels` of the images, and per epoch what the model said.
Epochs that are over in no time are not slowed down: looking takes a twentieth of the time at most.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from bcc.models.resizing import resize_batch
from bcc.runs import Run, write_arrays

if TYPE_CHECKING:
    import keras

COUNT = 8
"""Images that are watched, as long as there are so many."""
_SHARE = 0.05
"""Of the time that looking may take."""


def choose_watched(labels: np.ndarray, rows: np.ndarray, seed: int) -> np.ndarray:
    """Pick images of as many classes as there are, by the seed.

    Args:
        labels: int64 (N,), of all rows of the set.
        rows: int64 (M,), those to pick from.
        seed: same seed, same images.

    Returns:
        int64 (at most `COUNT`,), class after class.
    """
    mixed = np.random.default_rng((seed, 0x5EE)).permutation(rows)
    # How many of its class came before: the first of every class, then the second of every class.
    earlier = np.zeros(len(mixed), np.int64)
    for label in np.unique(labels[mixed]):
        of_class = labels[mixed] == label
        earlier[of_class] = np.arange(of_class.sum())
    chosen = mixed[np.lexsort((labels[mixed], earlier))][:COUNT]
    return chosen[np.argsort(labels[chosen], kind="stable")]


class Watched:
    """The watched images of one run.

    Args:
        run: where watched.npz is kept.
        model: whole, as it learns.
        images: uint8 (N, H, W, 3), memory-mapped.
        labels: int64 (N,).
        rows: int64 (M,), the validation rows.
        image_size: side of what the model sees, px.
        seed: of the choice.
    """

    def __init__(
        self,
        run: Run,
        model: keras.Model,
        images: np.ndarray,
        labels: np.ndarray,
        rows: np.ndarray,
        image_size: int,
        seed: int,
    ) -> None:
        self.run, self.model = run, model
        self.rows = choose_watched(labels, rows, seed)
        self.labels = labels[self.rows]
        order = np.argsort(self.rows)
        batch = np.empty((len(self.rows), *images.shape[1:]), np.uint8)
        batch[order] = images[self.rows[order]]
        self._images = resize_batch(batch, image_size).astype(np.float32)
        self._epochs: list[int] = []
        self._said: list[np.ndarray] = []
        self._looked, self._took = float("-inf"), 0.0

    @property
    def is_due(self) -> bool:
        """Whether enough time has passed since the last look."""
        return time.monotonic() - self._looked >= self._took / _SHARE

    def record(self, epoch: int) -> None:
        """Ask the model, with the weights that it has now, and write down what it says.

        Raises:
            UserError: the disk is full.
        """
        begun = time.monotonic()
        said = self.model(self._images, training=False)
        self._epochs.append(epoch)
        self._said.append(np.asarray(said, np.float32))
        write_arrays(
            self.run.watched,
            rows=self.rows,
            labels=self.labels,
            epochs=np.array(self._epochs, np.int64),
            probabilities=np.stack(self._said),
        )
        self._looked = time.monotonic()
        self._took = self._looked - begun

    def restore_until(self, epoch: int) -> None:
        """Take up what was written until an epoch, and forget what came after; 0 begins anew."""
        self._epochs, self._said = [], []
        try:
            with np.load(self.run.watched, allow_pickle=False) as file:
                if np.array_equal(file["rows"], self.rows):
                    kept = file["epochs"] <= epoch
                    self._epochs = file["epochs"][kept].tolist()
                    self._said = list(file["probabilities"][kept])
        except Exception:  # numpy and zipfile raise many kinds for a damaged file.
            # Nothing to take up; it is only for looking at.
            return
