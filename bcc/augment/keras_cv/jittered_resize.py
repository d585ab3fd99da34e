"""keras-cv's JitteredResize: another scale, and the window that detectors are trained on."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from bcc.augment.augmentation import Parameters, Topic
from bcc.augment.batch import over_pixels, per_image
from bcc.augment.hiding.fill import Fill, covered
from bcc.augment.keras_cv.step import KerasCvStep, made
from bcc.augment.keys import uniform
from bcc.specs import option

if TYPE_CHECKING:
    import tensorflow as tf


class KerasCvJitteredResize(KerasCvStep):
    """Scale the image, then cut a window out of a larger one, or lay a smaller one into a corner.

    The layer leaves the rest black, which no smear is; here it is filled.
    """

    name: ClassVar[str] = "keras_cv.jittered_resize"
    title: ClassVar[str] = "Jittered resize (keras-cv)"
    topic: ClassVar[Topic] = "geometry"
    about: ClassVar[str] = (
        "Scales the image: of a larger one a window is left, a smaller one lies in a corner."
    )
    hurts: ClassVar[str] = "When size tells classes apart, and when the window cuts the cell."
    neutral: ClassVar[dict[str, float]] = {"smallest": 1.0, "largest": 1.0}

    smallest: float = option(0.8, "How much smaller it may get.", title="Smallest scale", ge=0.2, le=1)
    largest: float = option(1.25, "How much larger it may get.", title="Largest scale", ge=1, le=3)
    fill: Fill = option("mean", "What lies beside a smaller image; mean is the image's mean colour.")

    @classmethod
    def change(
        cls, images: tf.Tensor, labels: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tuple[tf.Tensor, tf.Tensor]:
        import tensorflow as tf

        height, width = images.shape[1:3]
        size = tf.constant([height, width], tf.float32)[None]
        draw = uniform(keys, 3, cls.name)
        low, high = (per_image(parameters[name], images) for name in ("smallest", "largest"))
        scaled = tf.maximum(tf.round(size * (low + (high - low) * draw[:, 0])[:, None]), 1.0)
        room = tf.maximum(scaled - size, 0.0)
        moves = {"scaled_sizes": scaled, "offsets": tf.cast(tf.round(room * draw[:, 1:]), tf.int32)}

        layer = made(lambda layers: layers.JitteredResize((height, width), (1.0, 1.0), dtype="float32"))
        resized = tf.ensure_shape(layer.augment_images(images, moves), images.shape)
        below = tf.range(height, dtype=tf.float32)[None] >= scaled[:, :1]
        beside = tf.range(width, dtype=tf.float32)[None] >= scaled[:, 1:]
        beyond = (below[:, :, None] | beside[:, None, :])[..., None]
        colour = covered(images, tf.ones_like(beyond), parameters["fill"])
        same = tf.reduce_all(scaled == size, axis=1)
        return tf.where(over_pixels(same), images, tf.where(beyond, colour, resized)), labels
