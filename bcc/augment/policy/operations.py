"""The ten operations that RandAugment and AugMix draw from, those of keras-cv's RandAugment.

An image draws one of them with a magnitude; every operation is then computed once, on the images of the
batch that drew it. The four that move pixels slide or lift lines, or columns as if they were lines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bcc.augment.batch import change_by_choice, over_pixels
from bcc.augment.colour.autocontrast import stretched
from bcc.augment.colour.contrast import contrasted
from bcc.augment.colour.equalise import equalised
from bcc.augment.colour.pixels import clipped, faded
from bcc.augment.geometry.warp import lift, slide

if TYPE_CHECKING:
    import tensorflow as tf

OPERATIONS = (
    "autocontrast",
    "equalise",
    "solarise",
    "degenerate colour",
    "contrast",
    "brightness",
    "shear sideways",
    "shear upwards",
    "move sideways",
    "move upwards",
)


def operate(
    images: tf.Tensor, choice: tf.Tensor, magnitude: tf.Tensor, draw: tf.Tensor, active: tf.Tensor
) -> tf.Tensor:
    """Give each image the operation that it drew.

    Args:
        images: float32 (N, H, W, 3).
        choice: int32 (N,), places in `OPERATIONS`.
        magnitude: float32 (N,), 0..1.
        draw: float32 (N,), uniform in [0, 1): which way, and how far where an operation draws up to its
            magnitude (contrast, brightness, moves).
        active: bool (N,); other images stay bit for bit as they are.

    Returns:
        float32 (N, H, W, 3).
    """
    import tensorflow as tf

    either_way = (2 * draw - 1) * magnitude

    def some(values: tf.Tensor, rows: tf.Tensor) -> tf.Tensor:
        return over_pixels(tf.gather(values, rows))

    def solarised(part: tf.Tensor, rows: tf.Tensor) -> tf.Tensor:
        beyond = tf.cast(part >= 256 * (1 - some(magnitude, rows)), tf.float32)
        return part + beyond * (255 - 2 * part)

    def sheared(part: tf.Tensor, rows: tf.Tensor) -> tf.Tensor:
        height = tf.cast(tf.shape(part)[1], tf.float32)
        slant = tf.gather(tf.where(draw < 0.5, -magnitude, magnitude), rows)
        return slide(part, slant[:, None] * (tf.range(height) - (height - 1) / 2))

    def moved(part: tf.Tensor, rows: tf.Tensor) -> tf.Tensor:
        height = tf.cast(tf.shape(part)[1], tf.float32)
        return lift(part, tf.gather(either_way, rows) * height)

    changes = [
        lambda part, _: clipped(stretched(part)),
        lambda part, _: equalised(part),
        solarised,
        lambda part, rows: faded(part, tf.gather(magnitude, rows)),
        lambda part, rows: contrasted(part, some(either_way, rows)),
        lambda part, rows: clipped(part + 255 * some(either_way, rows)),
        sheared,
        lambda part, rows: _lying(sheared(_lying(part), rows)),
        lambda part, rows: _lying(moved(_lying(part), rows)),
        moved,
        None,
    ]
    return change_by_choice(tf.where(active, choice, len(OPERATIONS)), images, changes)


def _lying(images: tf.Tensor) -> tf.Tensor:
    """Lines become columns: what is done sideways to them is done upwards."""
    import tensorflow as tf

    return tf.transpose(images, [0, 2, 1, 3])


def drawn_operations(draw: tf.Tensor) -> tf.Tensor:
    """Uniform draws (N,) as places in `OPERATIONS`, each as likely: int32 (N,)."""
    import tensorflow as tf

    return tf.minimum(tf.cast(draw * len(OPERATIONS), tf.int32), len(OPERATIONS) - 1)
