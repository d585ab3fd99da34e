"""A batch of images with no symmetry, so that every way of turning them is told from every other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
import tensorflow as tf

from bcc.augment import Augmentation, image_keys


@dataclass(frozen=True)
class Batch:
    """Images float32 (N, 8, 8, 3) in 0..255, labels float32 (N, 5), keys int32 (N, 2)."""

    images: np.ndarray
    labels: np.ndarray
    keys: np.ndarray

    def through(self, step: Augmentation, rows: np.ndarray | slice = slice(None)) -> np.ndarray:
        """The images after an augmentation; the labels must be what they were."""
        images, labels = step(
            tf.constant(self.images[rows]), tf.constant(self.labels[rows]), tf.constant(self.keys[rows])
        )
        np.testing.assert_array_equal(labels.numpy(), self.labels[rows])
        assert images.shape == self.images[rows].shape
        assert images.dtype == tf.float32
        return images.numpy()


@pytest.fixture(scope="package")
def batch() -> Batch:
    rng = np.random.default_rng(5)
    number = 400
    images = rng.uniform(0, 255, (number, 8, 8, 3)).astype(np.float32)
    labels = rng.dirichlet(np.ones(5), number).astype(np.float32)
    return Batch(images, labels, image_keys(seed=1, epoch=2, rows=np.arange(number)))
