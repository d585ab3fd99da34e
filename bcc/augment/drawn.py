"""Strength of a step per image, drawn between zero and the parameter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bcc.augment.batch import over_pixels, per_image
from bcc.augment.keys import uniform

if TYPE_CHECKING:
    import tensorflow as tf


def either_way(most: Any, images: tf.Tensor, keys: tf.Tensor, name: str) -> tf.Tensor:
    """Draw evenly from -most to most for each image.

    Args:
        most: float32 () or (N,).
        images: (N, H, W, 3), for their number.
        keys: int32 (N, 2).
        name: of the draw, as of `uniform`.

    Returns:
        float32 (N, 1, 1, 1), to calculate with images; exactly 0 where `most` is 0.
    """
    return over_pixels(per_image(most, images) * (2 * uniform(keys, 1, name)[:, 0] - 1))


def up_to(most: Any, images: tf.Tensor, keys: tf.Tensor, name: str) -> tf.Tensor:
    """Draw evenly from 0 to most for each image; arguments and result as of `either_way`."""
    return over_pixels(per_image(most, images) * uniform(keys, 1, name)[:, 0])


def happens(chance: Any, images: tf.Tensor, keys: tf.Tensor, name: str) -> tf.Tensor:
    """Draw whether an all-or-nothing step happens to each image: bool (N,)."""
    return uniform(keys, 1, name)[:, 0] < per_image(chance, images)
