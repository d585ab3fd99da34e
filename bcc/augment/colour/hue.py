"""All colours turned round the colour wheel."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from bcc.augment.augmentation import Augmentation, Parameters, Topic
from bcc.augment.drawn import either_way
from bcc.specs import option

if TYPE_CHECKING:
    import tensorflow as tf


def turned(images: tf.Tensor, turn: tf.Tensor) -> tf.Tensor:
    """Hue plus `turn` of the colour wheel, 1 being all the way round; turn float32 (N, 1, 1, 1)."""
    import tensorflow as tf

    hsv = tf.image.rgb_to_hsv(images)
    hue = tf.math.floormod(hsv[..., :1] + turn, 1.0)
    other = tf.clip_by_value(tf.image.hsv_to_rgb(tf.concat([hue, hsv[..., 1:]], axis=-1)), 0.0, 255.0)
    return tf.where(turn == 0, images, other)


class Hue(Augmentation):
    """Turn the hue by a share of the colour wheel drawn evenly from -turn to turn."""

    name: ClassVar[str] = "hue"
    title: ClassVar[str] = "Hue"
    topic: ClassVar[Topic] = "colour"
    about: ClassVar[str] = "Turns all colours round the colour wheel."
    hurts: ClassVar[str] = (
        "Classes are defined by their stain: a turned hue makes eosinophil granules look like a basophil's."
    )
    neutral: ClassVar[dict[str, float]] = {"turn": 0.0}

    turn: float = option(
        0.08, "Largest turn; 0.5 is half round the wheel, either way.", unit="turns", ge=0, le=0.5
    )

    @classmethod
    def apply(
        cls, images: tf.Tensor, labels: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tuple[tf.Tensor, tf.Tensor]:
        return turned(images, either_way(parameters["turn"], images, keys, "hue")), labels
