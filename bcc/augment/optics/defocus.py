"""Put images out of focus: every point becomes a disc."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from bcc.augment.augmentation import Augmentation, Parameters, Topic
from bcc.augment.batch import change_some, per_image
from bcc.augment.keys import uniform
from bcc.specs import option

if TYPE_CHECKING:
    import tensorflow as tf

LARGEST = 5
"""Radius, px, that the disc never exceeds."""


class Defocus(Augmentation):
    """Spreads every point over a disc, as a lens out of focus does."""

    name: ClassVar[str] = "defocus"
    title: ClassVar[str] = "Defocus"
    topic: ClassVar[Topic] = "optics"
    about: ClassVar[str] = "Spreads every point over a disc, as a lens out of focus does."
    hurts: ClassVar[str] = "When granules or the threads between lobes count: they are the first to go."
    neutral: ClassVar[dict[str, float]] = {"radius": 0.0}

    radius: float = option(2.5, "Largest radius of the disc.", unit="px", ge=0, le=LARGEST)

    @classmethod
    def apply(
        cls, images: tf.Tensor, labels: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tuple[tf.Tensor, tf.Tensor]:
        import tensorflow as tf

        radius = uniform(keys, 1, "defocus")[:, 0] * per_image(parameters["radius"], images)

        def spread(part: tf.Tensor, rows: tf.Tensor) -> tf.Tensor:
            place = tf.range(-LARGEST, LARGEST + 1, dtype=tf.float32)
            far = tf.sqrt(tf.square(place[:, None]) + tf.square(place[None, :]))[:, :, None]
            disc = tf.clip_by_value(tf.gather(radius, rows) + 0.5 - far, 0.0, 1.0)
            disc /= tf.reduce_sum(disc, axis=[0, 1])
            # All images side by side as channels of one, each with a disc of its own.
            number, height, width = (tf.shape(part)[axis] for axis in range(3))
            beside = tf.reshape(tf.transpose(part, [1, 2, 0, 3]), [1, height, width, number * 3])
            edge = [[0, 0], [LARGEST, LARGEST], [LARGEST, LARGEST], [0, 0]]
            beside = tf.pad(beside, edge, "SYMMETRIC")
            discs = tf.repeat(disc, 3, axis=2)[..., None]
            beside = tf.nn.depthwise_conv2d(beside, discs, [1, 1, 1, 1], "VALID")
            result = tf.transpose(tf.reshape(beside, [height, width, number, 3]), [2, 0, 1, 3])
            return tf.clip_by_value(result, 0.0, 255.0)

        return change_some(radius > 0.5, images, spread), labels
