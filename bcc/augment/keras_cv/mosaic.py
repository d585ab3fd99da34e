"""keras-cv's Mosaic: four images meet in one."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from bcc.augment.augmentation import Parameters, Topic
from bcc.augment.batch import over_pixels, per_image
from bcc.augment.keras_cv.step import KerasCvStep, made
from bcc.augment.keys import uniform
from bcc.augment.mixing.partners import partners
from bcc.specs import option

if TYPE_CHECKING:
    import tensorflow as tf


class KerasCvMosaic(KerasCvStep):
    """Lay the image and the next three of its ring of partners out as 2 x 2, and cut a window out of it.

    The window is sampled a little wider than it is, so that keras-cv's own labels are off by up to a pixel's
    breadth (0.011 of the label at 96 px). Ours are the shares of the pixels as they were sampled.
    """

    name: ClassVar[str] = "keras_cv.mosaic"
    title: ClassVar[str] = "Mosaic (keras-cv)"
    topic: ClassVar[Topic] = "mixing"
    about: ClassVar[str] = "Lets four cells meet in one image; each label counts by the pixels of its cell."
    hurts: ClassVar[str] = (
        "Shows quarters of cells, whose lobes nobody can count, and counts a corner of glass as its cell."
    )
    paper: ClassVar[str] = "Bochkovskiy et al., YOLOv4, 2020, https://arxiv.org/abs/2004.10934"
    neutral: ClassVar[dict[str, float]] = {"smallest": 1.0, "largest": 1.0}

    smallest: float = option(
        0.3,
        "Smallest share of each side that stays the image's own.",
        title="Smallest own share",
        ge=0,
        le=1,
    )
    largest: float = option(
        0.8,
        "Largest share of each side that stays the image's own.",
        title="Largest own share",
        ge=0,
        le=1,
    )

    @classmethod
    def change(
        cls, images: tf.Tensor, labels: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tuple[tf.Tensor, tf.Tensor]:
        import tensorflow as tf

        height, width = images.shape[1:3]
        low, high = (per_image(parameters[name], images) for name in ("smallest", "largest"))
        own = low[:, None] + (high - low)[:, None] * uniform(keys, 2, cls.name)
        # With less than a pixel of its own the window would reach over the border of the four.
        across, down = (tf.maximum(own[:, axis], 1.01 / side) for axis, side in enumerate((width, height)))
        one = partners(keys)
        two = tf.gather(one, one)
        four = tf.stack([tf.range(tf.size(one)), one, two, tf.gather(one, two)], axis=1)

        layer = made(lambda layers: layers.Mosaic(dtype="float32"))
        window = {"permutation_order": four, "mosaic_centers": tf.stack([across, down], axis=1)}
        mosaic = layer.augment_images(images, window)
        upper, left = _first_share(down, height), _first_share(across, width)
        shares = tf.stack([upper * left, upper * (1 - left), (1 - upper) * left, (1 - upper) * (1 - left)], 1)
        mixed = tf.reduce_sum(shares[..., None] * tf.gather(labels, four), axis=1)

        whole = (tf.reduce_min(own, axis=1) >= 1) | (one == tf.range(tf.size(one)))
        return tf.where(over_pixels(whole), images, mosaic), tf.where(whole[:, None], labels, mixed)


def _first_share(centre: tf.Tensor, side: int) -> tf.Tensor:
    """Share of a window's lines that show the first of two images: float32 (N,).

    The layer samples line i of the window at `side * (1 - centre) + i * side / (side - 1)` of both images'
    lines, one below the other; between the last of the first and the first of the second it blends.

    Args:
        centre: float32 (N,), where they meet, as a share of the side.
        side: lines of an image.
    """
    import tensorflow as tf

    lines = tf.range(side, dtype=tf.float32)[None] * (side / max(side - 1, 1))
    places = side * (1 - centre)[:, None] + lines
    return 1 - tf.reduce_mean(tf.clip_by_value(places - (side - 1), 0.0, 1.0), axis=1)
