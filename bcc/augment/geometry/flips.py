"""Mirror images: a blood cell has no up and no left."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from bcc.augment.augmentation import Augmentation, Parameters, Topic
from bcc.augment.batch import change_some, per_image
from bcc.augment.keys import uniform
from bcc.specs import option

if TYPE_CHECKING:
    import tensorflow as tf


class Flips(Augmentation):
    """Mirror left to right and top to bottom, each with a separate probability."""

    name: ClassVar[str] = "flips"
    title: ClassVar[str] = "Flips"
    topic: ClassVar[Topic] = "geometry"
    about: ClassVar[str] = "Mirrors the image, left to right and top to bottom."
    hurts: ClassVar[str] = "Never: a blood cell has no up and no left."
    neutral: ClassVar[dict[str, float]] = {"horizontal": 0.0, "vertical": 0.0}

    horizontal: float = option(0.5, "Chance of a mirror image, left to right.", ge=0, le=1)
    vertical: float = option(0.5, "Chance of a mirror image, top to bottom.", ge=0, le=1)

    @classmethod
    def apply(
        cls, images: tf.Tensor, labels: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tuple[tf.Tensor, tf.Tensor]:
        import tensorflow as tf

        # A slice with a step of -1 takes forty times as long as tf.reverse.
        draw = uniform(keys, 2, "flips")
        across = draw[:, 0] < per_image(parameters["horizontal"], images)
        down = draw[:, 1] < per_image(parameters["vertical"], images)
        images = change_some(across, images, lambda part, _: tf.reverse(part, [2]))
        return change_some(down, images, lambda part, _: tf.reverse(part, [1])), labels
