"""The ten operations that RandAugment and AugMix draw from, those of keras-cv's RandAugment.

A picture draws one of them with a magnitude; every operation is then computed once, on the pictures of the
batch that drew it. The four that move pixels slide lines sideways, or columns as if they were lines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bcc.augment.batch import change_by_choice, over_pixels
from bcc.augment.colour.autocontrast import stretched
from bcc.augment.colour.contrast import contrasted
from bcc.augment.colour.equalise import equalised
from bcc.augment.colour.pixels import blended, clipped, grey
from bcc.augment.geometry.warp import slide

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
_MOVING = OPERATIONS.index("shear sideways")


def operate(
    images: tf.Tensor, choice: tf.Tensor, magnitude: tf.Tensor, draw: tf.Tensor, active: tf.Tensor
) -> tf.Tensor:
    """Give each picture the operation that it drew.

    Args:
        images: float32 (N, H, W, 3).
        choice: int32 (N,), places in `OPERATIONS`.
        magnitude: float32 (N,), 0..1.
        draw: float32 (N,), uniform in [0, 1): which way, and how far where an operation draws up to its
            magnitude (contrast, brightness, moves).
        active: bool (N,); other pictures stay bit for bit as they are.

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

    def sideways(part: tf.Tensor, rows: tf.Tensor) -> tf.Tensor:
        height, width = (tf.cast(tf.shape(part)[axis], tf.float32) for axis in (1, 2))
        slants = tf.gather(choice, rows) < _MOVING + 2
        slant = tf.gather(tf.where(draw < 0.5, -magnitude, magnitude), rows)
        from_centre = tf.range(height) - (height - 1) / 2
        move = tf.gather(either_way, rows) * width
        shift = tf.where(slants[:, None], slant[:, None] * from_centre, move[:, None])
        return slide(part, shift)

    def upwards(part: tf.Tensor, rows: tf.Tensor) -> tf.Tensor:
        lying = tf.transpose(part, [0, 2, 1, 3])
        return tf.transpose(sideways(lying, rows), [0, 2, 1, 3])

    changes = [
        lambda part, _: clipped(stretched(part)),
        lambda part, _: equalised(part),
        solarised,
        lambda part, rows: blended(part, grey(part), some(magnitude, rows)),
        lambda part, rows: contrasted(part, some(either_way, rows)),
        lambda part, rows: clipped(part + 255 * some(either_way, rows)),
        sideways,
        upwards,
        None,
    ]
    # Shears and moves sideways share a group, and so do those upwards.
    group = tf.where(choice < _MOVING, choice, _MOVING + (choice - _MOVING) % 2)
    group = tf.where(active, group, len(changes) - 1)
    return change_by_choice(group, images, changes)


def drawn_operations(draw: tf.Tensor) -> tf.Tensor:
    """Uniform draws (N,) as places in `OPERATIONS`, each as likely: int32 (N,)."""
    import tensorflow as tf

    return tf.minimum(tf.cast(draw * len(OPERATIONS), tf.int32), len(OPERATIONS) - 1)
