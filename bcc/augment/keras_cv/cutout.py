"""keras-cv's RandomCutout: a rectangle of noise."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from bcc.augment.augmentation import Parameters, Topic
from bcc.augment.batch import per_image
from bcc.augment.keras_cv.step import KerasCvStep, made
from bcc.augment.keys import normal, uniform
from bcc.specs import option

if TYPE_CHECKING:
    import tensorflow as tf


class KerasCvCutout(KerasCvStep):
    """Cover a rectangle with Gaussian noise that spans the image's own range of values.

    The layer takes its noise from TensorFlow's global generator and the range from the whole batch; here both
    are the image's own.
    """

    name: ClassVar[str] = "keras_cv.random_cutout"
    title: ClassVar[str] = "Noise cutout (keras-cv)"
    topic: ClassVar[Topic] = "hiding"
    about: ClassVar[str] = "Covers a rectangle of the image with coloured noise."
    hurts: ClassVar[str] = "A rectangle as large as a platelet hides all there is to see of it."
    paper: ClassVar[str] = "Zhong et al., Random Erasing Data Augmentation, 2017"
    neutral: ClassVar[dict[str, float]] = {"height": 0.0, "width": 0.0}

    height: float = option(0.5, "Largest height of the rectangle, as a share of the image's.", ge=0, le=1)
    width: float = option(0.5, "Largest width of the rectangle, as a share of the image's.", ge=0, le=1)

    @classmethod
    def change(
        cls, images: tf.Tensor, labels: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tuple[tf.Tensor, tf.Tensor]:
        import tensorflow as tf

        draw = uniform(keys, 4, cls.name)
        where = {}
        for axis, (name, letter) in enumerate((("height", "y"), ("width", "x"))):
            side = images.shape[1 + axis]
            length = side * per_image(parameters[name], images) * draw[:, axis]
            where[f"rectangles_{name}"] = tf.cast(tf.math.ceil(length), tf.int32)
            where[f"centers_{letter}"] = tf.cast(side * draw[:, 2 + axis], tf.int32)
        noise = _spanning(normal(keys, images.shape[1:], f"{cls.name} noise"), images)
        layer = made(lambda layers: layers.RandomCutout(0.5, 0.5, "gaussian_noise", dtype="float32"))
        layer._compute_rectangle_fill = lambda images: noise
        return layer.augment_images(images, where), labels


def _spanning(noise: tf.Tensor, images: tf.Tensor) -> tf.Tensor:
    """Noise (N, H, W, 3) from each image's lowest to its highest value, as the layer scales it."""
    import tensorflow as tf

    (low, high), (least, most) = (
        [reduce(some, axis=[1, 2, 3], keepdims=True) for reduce in (tf.reduce_min, tf.reduce_max)]
        for some in (images, noise)
    )
    return (high - low) * (noise - least) / (most - least) + low
