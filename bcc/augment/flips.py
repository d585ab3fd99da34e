"""Mirror pictures: a blood cell has no up and no left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bcc.augment.augmentation import Augmentation
from bcc.augment.keys import uniform
from bcc.specs import option

if TYPE_CHECKING:
    import tensorflow as tf


class Flips(Augmentation):
    """Mirror left to right and top to bottom, each with a chance of its own."""

    horizontal: float = option(0.5, "Chance of a mirror image, left to right.", ge=0, le=1)
    vertical: float = option(0.5, "Chance of a mirror image, top to bottom.", ge=0, le=1)

    def apply(self, images: tf.Tensor, labels: tf.Tensor, keys: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        import tensorflow as tf

        draw = uniform(keys, 2, "flips")[:, :, None, None, None]
        images = tf.where(draw[:, 0] < self.horizontal, images[:, :, ::-1], images)
        images = tf.where(draw[:, 1] < self.vertical, images[:, ::-1], images)
        return images, labels
