"""Each channel stretched over the whole range."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from bcc.augment.augmentation import Augmentation, Parameters, Topic
from bcc.augment.batch import over_pixels, per_image
from bcc.augment.colour.pixels import blended, by_channel, scaled_and_moved
from bcc.specs import option

if TYPE_CHECKING:
    import tensorflow as tf


def stretched(images: tf.Tensor) -> tf.Tensor:
    """Each channel of each image moved and scaled to reach from 0 to 255; level channels stay."""
    import tensorflow as tf

    low = by_channel(images, tf.reduce_min)
    span = by_channel(images, tf.reduce_max) - low
    factor = tf.where(span > 0, tf.math.divide_no_nan(255.0, span), 1.0)
    return scaled_and_moved(images, factor, tf.where(span > 0, -low * factor, 0.0))


class Autocontrast(Augmentation):
    """Stretch each channel so that its darkest value is 0 and its brightest 255."""

    name: ClassVar[str] = "autocontrast"
    title: ClassVar[str] = "Autocontrast"
    topic: ClassVar[Topic] = "colour"
    about: ClassVar[str] = "Stretches each channel over the whole range, as many cameras do by themselves."
    hurts: ClassVar[str] = "A single white speck decides how far the rest is stretched."
    paper: ClassVar[str] = "Cubuk et al., AutoAugment, 2019"
    neutral: ClassVar[dict[str, float]] = {"amount": 0.0}

    amount: float = option(1.0, "How far towards the stretched image.", ge=0, le=1)

    @classmethod
    def apply(
        cls, images: tf.Tensor, labels: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tuple[tf.Tensor, tf.Tensor]:
        return blended(
            images, stretched(images), over_pixels(per_image(parameters["amount"], images))
        ), labels
