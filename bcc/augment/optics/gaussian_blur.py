"""Blur images as a poor lens does."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from bcc.augment.augmentation import Augmentation, Parameters, Topic
from bcc.augment.batch import change_some, per_image
from bcc.augment.keys import uniform
from bcc.specs import option

if TYPE_CHECKING:
    import tensorflow as tf


class GaussianBlur(Augmentation):
    """Blurs the image with a Gaussian of random width."""

    name: ClassVar[str] = "gaussian_blur"
    title: ClassVar[str] = "Gaussian blur"
    topic: ClassVar[Topic] = "optics"
    about: ClassVar[str] = "Blurs the image with a Gaussian of random width."
    hurts: ClassVar[str] = "When granules count: blurred away, an eosinophil is a neutrophil in orange."
    neutral: ClassVar[dict[str, float]] = {"sigma": 0.0}

    sigma: float = option(1.5, "Largest standard deviation.", unit="px", ge=0, le=8)

    @classmethod
    def apply(
        cls, images: tf.Tensor, labels: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tuple[tf.Tensor, tf.Tensor]:
        import tensorflow as tf

        sigma = uniform(keys, 1, "gaussian blur")[:, 0] * per_image(parameters["sigma"], images)

        def blurred(part: tf.Tensor, rows: tf.Tensor) -> tf.Tensor:
            width, height = tf.shape(part)[2], tf.shape(part)[1]
            chosen = tf.gather(sigma, rows)
            # Along each axis the blur is a matrix an image: widths differ and still all are done at once.
            down = tf.matmul(_weights(chosen, height), tf.reshape(part, [-1, height, width * 3]))
            turned = tf.transpose(tf.reshape(down, tf.shape(part)), [0, 2, 1, 3])
            across = tf.matmul(_weights(chosen, width), tf.reshape(turned, [-1, width, height * 3]))
            back = tf.transpose(tf.reshape(across, tf.shape(turned)), [0, 2, 1, 3])
            return tf.clip_by_value(back, 0.0, 255.0)

        return change_some(sigma > 0.05, images, blurred), labels


def _weights(sigma: tf.Tensor, length: tf.Tensor) -> tf.Tensor:
    """float32 (M, length, length): how much of each pixel goes into each, rows sum to 1."""
    import tensorflow as tf

    place = tf.range(tf.cast(length, tf.float32))
    apart = tf.square(place[:, None] - place[None, :])
    weights = tf.exp(-apart / (2 * tf.square(sigma)[:, None, None]))
    return weights / tf.reduce_sum(weights, axis=2, keepdims=True)
