"""Turn pictures by multiples of 90 degrees: no pixel is interpolated, no corner is cut."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bcc.augment.augmentation import Augmentation
from bcc.augment.keys import uniform
from bcc.specs import option

if TYPE_CHECKING:
    import tensorflow as tf


class QuarterTurns(Augmentation):
    """Turn square pictures by 0, 90, 180 or 270 degrees."""

    probability: float = option(
        1.0, "Chance that a picture is turned at all; then each of the four turns is as likely.", ge=0, le=1
    )

    def apply(self, images: tf.Tensor, labels: tf.Tensor, keys: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        import tensorflow as tf

        draw = uniform(keys, 2, "quarter turns")
        turns = tf.where(draw[:, 0] < self.probability, tf.floor(draw[:, 1] * 4), 0.0)[:, None, None, None]
        half = images[:, ::-1, ::-1]
        images = tf.where(turns >= 2, half, images)
        quarter = tf.transpose(images, [0, 2, 1, 3])[:, ::-1]
        return tf.where(tf.math.floormod(turns, 2) == 1, quarter, images), labels
