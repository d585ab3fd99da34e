"""No colour at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from bcc.augment.augmentation import Augmentation, Parameters, Topic
from bcc.augment.batch import change_some
from bcc.augment.colour.pixels import grey
from bcc.augment.drawn import happens
from bcc.specs import option

if TYPE_CHECKING:
    import tensorflow as tf


class Greyscale(Augmentation):
    """Replace all three channels by their brightness."""

    name: ClassVar[str] = "greyscale"
    title: ClassVar[str] = "Grey"
    topic: ClassVar[Topic] = "colour"
    about: ClassVar[str] = "Takes all colour away."
    hurts: ClassVar[str] = "What only the stain tells is lost: eosinophils resemble neutrophils."
    neutral: ClassVar[dict[str, float]] = {"probability": 0.0}

    probability: float = option(1.0, "Chance that an image turns grey.", ge=0, le=1)

    @classmethod
    def apply(
        cls, images: tf.Tensor, labels: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tuple[tf.Tensor, tf.Tensor]:
        import tensorflow as tf

        def colourless(part: tf.Tensor, rows: tf.Tensor) -> tf.Tensor:
            del rows
            return tf.broadcast_to(tf.clip_by_value(grey(part), 0.0, 255.0), tf.shape(part))

        chosen = happens(parameters["probability"], images, keys, "grey")
        return change_some(chosen, images, colourless), labels
