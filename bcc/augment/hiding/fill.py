"""What stands where something was hidden."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from bcc.augment.batch import over_pixels, per_image

if TYPE_CHECKING:
    import tensorflow as tf

Fill = Literal["black", "grey", "white", "mean"]
"""Of hidden parts; "mean" is the mean colour of the image itself."""


def covered(images: tf.Tensor, hidden: tf.Tensor, fill: Any) -> tf.Tensor:
    """Hide parts of images.

    Args:
        images: float32 (N, H, W, 3).
        hidden: bool (N, H, W, 1).
        fill: float32 () or (N,), place in `Fill`.
    """
    import tensorflow as tf

    choice = tf.cast(per_image(fill, images), tf.int32)
    level = tf.gather(tf.constant([0.0, 128.0, 255.0, 0.0]), choice)
    mean = tf.reduce_mean(images, axis=[1, 2], keepdims=True)
    colour = tf.where(over_pixels(choice) == 3, tf.clip_by_value(mean, 0.0, 255.0), over_pixels(level))
    return tf.where(hidden, colour, images)
