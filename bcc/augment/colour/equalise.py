"""Every brightness made equally common."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from bcc.augment.augmentation import Augmentation, Parameters, Topic
from bcc.augment.batch import over_pixels, per_image
from bcc.augment.colour.pixels import blended
from bcc.specs import option

if TYPE_CHECKING:
    import tensorflow as tf


def equalised(images: tf.Tensor) -> tf.Tensor:
    """Each channel of each image with a level histogram, as Pillow's `ImageOps.equalize` makes it."""
    import tensorflow as tf

    shape = tf.shape(images)
    levels = tf.cast(tf.round(images), tf.int32)
    number = shape[0] * 3
    # A histogram of its own for each channel of each image, all in one count.
    offsets = 256 * tf.reshape(tf.range(number), [shape[0], 1, 1, 3])
    places = levels + offsets
    counts = tf.reshape(
        tf.math.bincount(tf.reshape(places, [-1]), minlength=256 * number, maxlength=256 * number),
        [number, 256],
    )
    below = tf.cumsum(counts, axis=1, exclusive=True)
    pixels = shape[1] * shape[2]
    brightest = tf.where(counts > 0, tf.range(256), 0)
    last = tf.gather(counts, tf.reduce_max(brightest, axis=1), batch_dims=1)
    step = ((pixels - last) // 255)[:, None]
    table = tf.where(step > 0, tf.minimum((below + step // 2) // tf.maximum(step, 1), 255), tf.range(256))
    return tf.gather(tf.reshape(tf.cast(table, tf.float32), [-1]), places)


class Equalise(Augmentation):
    """Map each channel so that all its values are about equally common."""

    name: ClassVar[str] = "equalise"
    title: ClassVar[str] = "Equalise"
    topic: ClassVar[Topic] = "colour"
    about: ClassVar[str] = "Spreads the values of each channel so that all are about equally common."
    hurts: ClassVar[str] = "Makes noise of the glass, and stains pale cells as dark as others."
    paper: ClassVar[str] = "Cubuk et al., AutoAugment, 2019"
    neutral: ClassVar[dict[str, float]] = {"amount": 0.0}

    amount: float = option(1.0, "How far towards the equalised image.", ge=0, le=1)

    @classmethod
    def apply(
        cls, images: tf.Tensor, labels: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tuple[tf.Tensor, tf.Tensor]:
        return blended(
            images, equalised(images), over_pixels(per_image(parameters["amount"], images))
        ), labels
