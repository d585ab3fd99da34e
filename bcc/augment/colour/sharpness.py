"""Edges softer or harder."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from bcc.augment.augmentation import Augmentation, Parameters, Topic
from bcc.augment.colour.pixels import clipped
from bcc.augment.drawn import either_way
from bcc.specs import option

if TYPE_CHECKING:
    import tensorflow as tf


def sharpened(images: tf.Tensor, change: tf.Tensor) -> tf.Tensor:
    """Away from the smoothed image by `change`, towards it below 0; as Pillow's `ImageEnhance.Sharpness`.

    The outermost pixels stay. change is float32 (N, 1, 1, 1); -1 is smooth, 0 the image itself.
    """
    import tensorflow as tf

    inner = images[:, 1:-1, 1:-1]
    # Pillow's filter weighs the middle 5 and its eight neighbours 1 each: 4 + 9 times their mean, of 13.
    detail = (9 / 13) * (inner - tf.nn.avg_pool2d(images, 3, 1, "VALID"))
    return clipped(images + change * tf.pad(detail, [[0, 0], [1, 1], [1, 1], [0, 0]]))


class Sharpness(Augmentation):
    """Blend with a smoothed image, by a factor drawn evenly from 1 - change to 1 + change."""

    name: ClassVar[str] = "sharpness"
    title: ClassVar[str] = "Sharpness"
    topic: ClassVar[Topic] = "colour"
    about: ClassVar[str] = "Softens edges or makes them harder, as the sharpening of cameras does."
    hurts: ClassVar[str] = "Hardly: strong sharpening lifts noise to the size of fine granules."
    paper: ClassVar[str] = "Cubuk et al., AutoAugment, 2019"
    neutral: ClassVar[dict[str, float]] = {"change": 0.0}

    change: float = option(0.9, "Largest change; 1 goes from smooth to twice as sharp.", ge=0, le=5)

    @classmethod
    def apply(
        cls, images: tf.Tensor, labels: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tuple[tf.Tensor, tf.Tensor]:
        return sharpened(images, either_way(parameters["change"], images, keys, "sharpness")), labels
