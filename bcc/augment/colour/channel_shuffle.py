"""Red, green and blue change places."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from bcc.augment.augmentation import Augmentation, Parameters, Topic
from bcc.augment.batch import change_some, per_image
from bcc.augment.keys import uniform
from bcc.specs import option

if TYPE_CHECKING:
    import tensorflow as tf


ORDERS = ((0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0))
"""All orders of three channels but their own."""


class ChannelShuffle(Augmentation):
    """Put red, green and blue in another of their six orders, each of the five others as likely."""

    name: ClassVar[str] = "channel_shuffle"
    title: ClassVar[str] = "Channel shuffle"
    topic: ClassVar[Topic] = "colour"
    about: ClassVar[str] = (
        "Lets red, green and blue change places, so that only shape and texture can be trusted."
    )
    hurts: ClassVar[str] = "The stain says nothing any more: too strong where classes differ in colour alone."
    neutral: ClassVar[dict[str, float]] = {"probability": 0.0}

    probability: float = option(1.0, "Chance that the channels change places.", ge=0, le=1)

    @classmethod
    def apply(
        cls, images: tf.Tensor, labels: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tuple[tf.Tensor, tf.Tensor]:
        import tensorflow as tf

        draw = uniform(keys, 2, "channel shuffle")
        chosen = draw[:, 0] < per_image(parameters["probability"], images)
        number = tf.cast(draw[:, 1] * len(ORDERS), tf.int32)

        def shuffled(part: tf.Tensor, rows: tf.Tensor) -> tf.Tensor:
            # A product with zeros and ones moves whole channels, exactly.
            moves = tf.gather(tf.one_hot(ORDERS, 3, axis=1), tf.gather(number, rows))
            flat = tf.reshape(part, [tf.shape(part)[0], -1, 3])
            return tf.reshape(flat @ moves, tf.shape(part))

        return change_some(chosen, images, shuffled), labels
