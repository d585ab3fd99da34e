"""A square of the image is hidden."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from bcc.augment.augmentation import Augmentation, Parameters, Topic
from bcc.augment.batch import per_image
from bcc.augment.hiding.fill import Fill, covered
from bcc.augment.keys import uniform
from bcc.specs import option

if TYPE_CHECKING:
    import tensorflow as tf


class CutOut(Augmentation):
    """Hide one square whose middle lies anywhere in the image, so that it may reach over the border."""

    name: ClassVar[str] = "cutout"
    title: ClassVar[str] = "CutOut"
    topic: ClassVar[Topic] = "hiding"
    about: ClassVar[str] = "Hides one square of the image."
    hurts: ClassVar[str] = "A square as large as a platelet hides all there is to see of it."
    paper: ClassVar[str] = "DeVries and Taylor, Improved Regularization of CNNs with Cutout, 2017"
    neutral: ClassVar[dict[str, float]] = {"size": 0.0}

    size: float = option(0.35, "Side of the square, as a share of the image's shorter side.", ge=0, le=1)
    fill: Fill = option("mean", "What the square is filled with; mean is the image's mean colour.")

    @classmethod
    def apply(
        cls, images: tf.Tensor, labels: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tuple[tf.Tensor, tf.Tensor]:
        import tensorflow as tf

        height, width = tf.shape(images)[1], tf.shape(images)[2]
        draw = uniform(keys, 2, "cutout")
        half = per_image(parameters["size"], images) * tf.cast(tf.minimum(height, width), tf.float32) / 2

        def near(middle: tf.Tensor, length: tf.Tensor) -> tf.Tensor:
            places = tf.range(length, dtype=tf.float32) + 0.5
            middle = middle * tf.cast(length, tf.float32)
            return tf.abs(places[None] - middle[:, None]) < half[:, None]

        hidden = near(draw[:, 0], height)[:, :, None] & near(draw[:, 1], width)[:, None, :]
        return covered(images, hidden[..., None], parameters["fill"]), labels
