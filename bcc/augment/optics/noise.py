"""Add the grain of a camera in poor light."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from bcc.augment.augmentation import Augmentation, Parameters, Topic
from bcc.augment.batch import over_pixels, per_image
from bcc.augment.keys import normal, uniform
from bcc.specs import option

if TYPE_CHECKING:
    import tensorflow as tf


class Noise(Augmentation):
    """Adds grain to every pixel and colour, of random strength."""

    name: ClassVar[str] = "noise"
    title: ClassVar[str] = "Noise"
    topic: ClassVar[Topic] = "optics"
    about: ClassVar[str] = "Adds grain to every pixel and colour, of random strength."
    hurts: ClassVar[str] = "When strong: grain looks like the fine granules of a neutrophil or a basophil."
    neutral: ClassVar[dict[str, float]] = {"level": 0.0}

    level: float = option(15.0, "Largest standard deviation of the grain.", unit="levels of 255", ge=0, le=80)

    @classmethod
    def apply(
        cls, images: tf.Tensor, labels: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tuple[tf.Tensor, tf.Tensor]:
        import tensorflow as tf

        level = uniform(keys, 1, "noise")[:, 0] * per_image(parameters["level"], images)
        grain = normal(keys, tf.shape(images)[1:], "noise")
        return tf.clip_by_value(images + over_pixels(level) * grain, 0.0, 255.0), labels
