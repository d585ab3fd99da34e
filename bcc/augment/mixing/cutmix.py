"""A rectangle of another image is pasted in."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from bcc.augment.augmentation import Augmentation, Parameters, Topic
from bcc.augment.batch import per_image
from bcc.augment.keys import uniform
from bcc.augment.mixing.partners import partners
from bcc.augment.mixing.shares import beta, pasted
from bcc.specs import option

if TYPE_CHECKING:
    import tensorflow as tf


class CutMix(Augmentation):
    """Paste a rectangle of a partner of the batch; its share of the pixels is its share of the label."""

    name: ClassVar[str] = "cutmix"
    title: ClassVar[str] = "CutMix"
    topic: ClassVar[Topic] = "mixing"
    about: ClassVar[str] = (
        "Pastes a rectangle of another cell; both labels count by the pixels that are there."
    )
    hurts: ClassVar[str] = "A rectangle of glass hides the cell, yet the label says that there are two."
    paper: ClassVar[str] = "Yun et al., CutMix: Regularization Strategy to Train Strong Classifiers, 2019"
    neutral: ClassVar[dict[str, float]] = {"share": 0.0}

    alpha: float = option(
        1.0, "Shape of the draw: small for nearly whole images, 1 for any share alike.", ge=0.05, le=8
    )
    share: float = option(1.0, "Largest share of the partner; the draw is multiplied by it.", ge=0, le=1)

    @classmethod
    def apply(
        cls, images: tf.Tensor, labels: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tuple[tf.Tensor, tf.Tensor]:
        import tensorflow as tf

        share = per_image(parameters["share"], images) * beta(
            keys, per_image(parameters["alpha"], images), "cutmix"
        )
        draw = uniform(keys, 2, "cutmix middle")

        def inside(middle: tf.Tensor, length: tf.Tensor) -> tf.Tensor:
            places, side = tf.range(length, dtype=tf.float32) + 0.5, tf.cast(length, tf.float32)
            return tf.abs(places[None] - middle[:, None] * side) < tf.sqrt(share)[:, None] * side / 2

        rows, columns = inside(draw[:, 0], tf.shape(images)[1]), inside(draw[:, 1], tf.shape(images)[2])
        # The rectangle may reach over the border: what counts is the pixels that are left of it.
        return pasted(images, labels, rows[:, :, None] & columns[:, None, :], partners(keys))
