"""More or less difference between light and dark."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from bcc.augment.augmentation import Augmentation, Parameters, Topic
from bcc.augment.colour.pixels import blended, by_channel, grey
from bcc.augment.drawn import either_way
from bcc.specs import option

if TYPE_CHECKING:
    import tensorflow as tf


def contrasted(images: tf.Tensor, change: tf.Tensor) -> tf.Tensor:
    """Distances from the image's mean brightness times 1 + change; change float32 (N, 1, 1, 1)."""
    import tensorflow as tf

    # Brightness is linear, so that the mean of the channels gives it without a grey image.
    mean = grey(by_channel(images, tf.reduce_mean)[:, None, None, :])
    return blended(images, mean, -change)


class Contrast(Augmentation):
    """Stretch or squeeze values about the image's mean brightness by 1 - change to 1 + change."""

    name: ClassVar[str] = "contrast"
    title: ClassVar[str] = "Contrast"
    topic: ClassVar[Topic] = "colour"
    about: ClassVar[str] = "Raises or lowers the difference between light and dark."
    hurts: ClassVar[str] = "Little contrast hides the granules that tell eosinophils and basophils apart."
    neutral: ClassVar[dict[str, float]] = {"change": 0.0}

    change: float = option(0.4, "Largest change, as a share of the contrast.", ge=0, le=1)

    @classmethod
    def apply(
        cls, images: tf.Tensor, labels: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tuple[tf.Tensor, tf.Tensor]:
        return contrasted(images, either_way(parameters["change"], images, keys, "contrast")), labels
