"""Pixel arithmetic that several colours share.

All of it is written as the picture plus what is added to it, so that a change of 0 leaves every bit in place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tensorflow as tf

LUMA = (0.299, 0.587, 0.114)
"""How bright red, green and blue look (ITU-R BT.601), as Pillow weighs them."""


def grey(images: tf.Tensor) -> tf.Tensor:
    """Brightness as the eye sees it: (N, H, W, 3) -> (N, H, W, 1)."""
    import tensorflow as tf

    red, green, blue = tf.unstack(images, axis=-1)
    return (LUMA[0] * red + LUMA[1] * green + LUMA[2] * blue)[..., None]


def clipped(images: tf.Tensor) -> tf.Tensor:
    """Values below 0 and above 255 cut off."""
    import tensorflow as tf

    return tf.clip_by_value(images, 0.0, 255.0)


def blended(images: tf.Tensor, other: tf.Tensor, share: tf.Tensor) -> tf.Tensor:
    """From the picture (share 0) towards another one (share 1), and away from it below 0; clipped."""
    return clipped(images + share * (other - images))
