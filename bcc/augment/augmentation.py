"""What every augmentation is: a spec with bounds, and a pure function of tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bcc.specs import Spec

if TYPE_CHECKING:
    import tensorflow as tf


class Augmentation(Spec):
    """Base of all augmentations; one class, in one file, each."""

    def apply(self, images: tf.Tensor, labels: tf.Tensor, keys: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Change a batch.

        Args:
            images: float32 (N, H, W, 3), values 0..255.
            labels: float32 (N, classes), rows sum to 1.
            keys: int32 (N, 2), one key a picture (`bcc.augment.picture_keys`).

        Returns:
            Images and labels of the same shapes, types and ranges.
        """
        raise NotImplementedError
