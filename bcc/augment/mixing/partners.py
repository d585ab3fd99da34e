"""Whom an image is mixed with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bcc.augment.keys import uniform

if TYPE_CHECKING:
    import tensorflow as tf


def partners(keys: tf.Tensor) -> tf.Tensor:
    """The partner of each image of a batch, int32 (N,), drawn by the keys alone.

    The images stand in a ring in an order drawn by their keys, and each is mixed with the next one. So a
    partner does not depend on how the batch is ordered, every image is a partner once, and none is its own,
    but for a batch of one, which is mixed with itself and so does not change.
    """
    import tensorflow as tf

    draw = tf.cast(uniform(keys, 2, "partners"), tf.float64)
    ring = tf.argsort(draw[:, 0] + draw[:, 1] * 2.0**-24)
    return tf.scatter_nd(ring[:, None], tf.roll(ring, -1, axis=0), tf.shape(ring))
