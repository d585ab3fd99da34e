"""The four quarters of the image are turned, each for itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from bcc.augment.augmentation import Augmentation, Parameters, Topic
from bcc.augment.batch import change_some, per_image
from bcc.augment.keys import uniform
from bcc.specs import option

if TYPE_CHECKING:
    import tensorflow as tf


class SplitRotate(Augmentation):
    """Cut the image into quadrants and turn each by a multiple of 90 degrees."""

    name: ClassVar[str] = "split_rotate"
    title: ClassVar[str] = "Split and rotate"
    topic: ClassVar[Topic] = "hiding"
    about: ClassVar[str] = "Cuts the image into quadrants and turns each by 0, 90, 180 or 270 degrees."
    hurts: ClassVar[str] = "Breaks the outline of cell and nucleus: lobes can no longer be counted."
    neutral: ClassVar[dict[str, float]] = {"probability": 0.0}

    probability: float = option(1.0, "Chance that the quadrants are turned.", ge=0, le=1)

    @classmethod
    def apply(
        cls, images: tf.Tensor, labels: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tuple[tf.Tensor, tf.Tensor]:
        import tensorflow as tf

        draw = uniform(keys, 5, "split and rotate")
        chosen = draw[:, 0] < per_image(parameters["probability"], images)
        turns = tf.cast(draw[:, 1:] * 4, tf.int32)
        return change_some(
            chosen, images, lambda part, rows: _turned_quadrants(part, tf.gather(turns, rows))
        ), labels


def _turned_quadrants(images: tf.Tensor, turns: tf.Tensor) -> tf.Tensor:
    """Turn the quadrants; turns int32 (N, 4), of 90 degrees. The middle line of an odd side stays.

    Each pixel is fetched from where it was, so that any size works: in a quadrant that is not square only
    half turns fit, and quarter turns count as half ones.
    """
    import tensorflow as tf

    height, width = tf.shape(images)[1], tf.shape(images)[2]
    high, wide = height // 2, width // 2
    down, across = tf.range(height)[:, None], tf.range(width)[None, :]
    low, right = down >= height - high, across >= width - wide
    inside = (low | (down < high)) & (right | (across < wide))
    number = tf.where(low, 2, 0) + tf.where(right, 1, 0)
    turn = tf.gather(turns, number, axis=1)
    turn = tf.where(high == wide, turn, 2 * (turn % 2))
    turn = tf.where(inside, turn, 0)
    # Place within the quadrant.
    top, left = tf.where(low, height - high, 0), tf.where(right, width - wide, 0)
    row, column = (down - top)[None], (across - left)[None]
    source_row = tf.where(
        turn == 1, column, tf.where(turn == 2, high - 1 - row, tf.where(turn == 3, wide - 1 - column, row))
    )
    source_column = tf.where(
        turn == 1, high - 1 - row, tf.where(turn == 2, wide - 1 - column, tf.where(turn == 3, row, column))
    )
    place = (source_row + top[None]) * width + source_column + left[None]
    flat = tf.reshape(images, [tf.shape(images)[0], height * width, 3])
    fetched = tf.gather(flat, tf.reshape(place, [tf.shape(images)[0], height * width]), batch_dims=1)
    return tf.reshape(fetched, tf.shape(images))
