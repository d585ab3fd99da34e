"""Purer or paler colours."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from bcc.augment.augmentation import Augmentation, Parameters, Topic
from bcc.augment.colour.pixels import clipped
from bcc.augment.drawn import either_way
from bcc.specs import option

if TYPE_CHECKING:
    import tensorflow as tf


def saturated(images: tf.Tensor, change: tf.Tensor) -> tf.Tensor:
    """Saturation (of hue, saturation, value) times 1 + change, at most 1; change float32 (N, 1, 1, 1)."""
    import tensorflow as tf

    red, green, blue = tf.split(images, 3, axis=-1)
    value = tf.maximum(tf.maximum(red, green), blue)
    least = tf.minimum(tf.minimum(red, green), blue)
    # No colour is purer than one with a channel at 0.
    purest = tf.math.divide_no_nan(value, value - least) - 1
    return clipped(images + (images - value) * tf.minimum(change, purest))


class Saturation(Augmentation):
    """Multiply the saturation by a factor drawn evenly from 1 - change to 1 + change."""

    name: ClassVar[str] = "saturation"
    title: ClassVar[str] = "Saturation"
    topic: ClassVar[Topic] = "colour"
    about: ClassVar[str] = "Makes colours purer or paler, while hue and value stay."
    hurts: ClassVar[str] = (
        "Pale or gaudy images hide what the stain tells, such as the orange of eosinophil granules."
    )
    neutral: ClassVar[dict[str, float]] = {"change": 0.0}

    change: float = option(0.4, "Largest change, as a share of the saturation.", ge=0, le=1)

    @classmethod
    def apply(
        cls, images: tf.Tensor, labels: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tuple[tf.Tensor, tf.Tensor]:
        return saturated(images, either_way(parameters["change"], images, keys, "saturation")), labels
