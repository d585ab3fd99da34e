"""Turn images by multiples of 90 degrees: no pixel is interpolated, no corner is cut."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from bcc.augment.augmentation import Augmentation, Parameters, Topic
from bcc.augment.batch import change_some, per_image
from bcc.augment.keys import uniform
from bcc.specs import option

if TYPE_CHECKING:
    import tensorflow as tf


class QuarterTurns(Augmentation):
    """Turn square images by 0, 90, 180 or 270 degrees, others by 0 or 180."""

    name: ClassVar[str] = "quarter_turns"
    title: ClassVar[str] = "Quarter turns"
    topic: ClassVar[Topic] = "geometry"
    about: ClassVar[str] = "Turns the image by 0, 90, 180 or 270 degrees; nothing is blurred or cut."
    hurts: ClassVar[str] = "Never: a blood cell lies on the slide any way round."
    neutral: ClassVar[dict[str, float]] = {"probability": 0.0}

    probability: float = option(
        1.0, "Chance that an image is turned at all; then each of the four turns is as likely.", ge=0, le=1
    )

    @classmethod
    def apply(
        cls, images: tf.Tensor, labels: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tuple[tf.Tensor, tf.Tensor]:
        import tensorflow as tf

        draw = uniform(keys, 2, "quarter turns")
        turned = draw[:, 0] < per_image(parameters["probability"], images)
        turns = tf.where(turned, tf.floor(draw[:, 1] * 4), 0.0)
        images = change_some(turns >= 2, images, lambda part, _: tf.reverse(part, [1, 2]))

        if None not in images.shape[1:3] and images.shape[1] != images.shape[2]:
            return images, labels

        def quarter(part: tf.Tensor, rows: tf.Tensor) -> tf.Tensor:
            del rows
            return tf.ensure_shape(
                tf.reverse(tf.transpose(part, [0, 2, 1, 3]), [1]), [None, *images.shape[1:]]
            )

        # Only a square fits its own frame after a quarter turn.
        square = tf.shape(images)[1] == tf.shape(images)[2]
        return change_some((tf.math.floormod(turns, 2) == 1) & square, images, quarter), labels
