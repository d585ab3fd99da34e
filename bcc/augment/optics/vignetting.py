"""Darken images towards a side or the corners, as an ill-set condenser does."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from bcc.augment.augmentation import Augmentation, Parameters, Topic
from bcc.augment.batch import per_image
from bcc.augment.keys import uniform
from bcc.specs import option

if TYPE_CHECKING:
    import tensorflow as tf


class Vignetting(Augmentation):
    """Darkens the image away from a random point near its middle."""

    name: ClassVar[str] = "vignetting"
    title: ClassVar[str] = "Vignetting"
    topic: ClassVar[Topic] = "optics"
    about: ClassVar[str] = "Darkens the image away from a random point near its middle."
    hurts: ClassVar[str] = "Hardly: colour and shape stay; strong shade can pass for dark cytoplasm."
    neutral: ClassVar[dict[str, float]] = {"darkness": 0.0}

    darkness: float = option(0.5, "Largest share of light lost in the farthest corner.", ge=0, le=0.9)
    off_centre: float = option(
        0.5, "How far from the middle the brightest point may lie, as a share of half the side.", ge=0, le=1
    )

    @classmethod
    def apply(
        cls, images: tf.Tensor, labels: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tuple[tf.Tensor, tf.Tensor]:
        import tensorflow as tf

        draw = uniform(keys, 3, "vignetting")
        lost = draw[:, 0] * per_image(parameters["darkness"], images)
        brightest = (2 * draw[:, 1:] - 1) * per_image(parameters["off_centre"], images)[:, None]
        y = tf.linspace(-1.0, 1.0, tf.shape(images)[1])[None, :, None] - brightest[:, 0, None, None]
        x = tf.linspace(-1.0, 1.0, tf.shape(images)[2])[None, None, :] - brightest[:, 1, None, None]
        far = tf.square(y) + tf.square(x)
        far /= tf.reduce_sum(tf.square(1 + tf.abs(brightest)), axis=1)[:, None, None]
        return images * (1 - lost[:, None, None] * far)[..., None], labels
