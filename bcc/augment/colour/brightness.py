"""Lighter or darker, as by another lamp or exposure."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from bcc.augment.augmentation import Augmentation, Parameters, Topic
from bcc.augment.colour.pixels import clipped
from bcc.augment.drawn import either_way
from bcc.specs import option

if TYPE_CHECKING:
    import tensorflow as tf


def brightened(images: tf.Tensor, change: tf.Tensor) -> tf.Tensor:
    """Every value times 1 + change, clipped; change float32 (N, 1, 1, 1)."""
    return clipped(images + images * change)


class Brightness(Augmentation):
    """Multiply all values by a factor drawn evenly from 1 - change to 1 + change."""

    name: ClassVar[str] = "brightness"
    title: ClassVar[str] = "Brightness"
    topic: ClassVar[Topic] = "colour"
    about: ClassVar[str] = "Makes the image lighter or darker."
    hurts: ClassVar[str] = "Strong changes clip the glass to white or drown dark chromatin in black."
    neutral: ClassVar[dict[str, float]] = {"change": 0.0}

    change: float = option(0.4, "Largest change, as a share of the brightness.", ge=0, le=1)

    @classmethod
    def apply(
        cls, images: tf.Tensor, labels: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tuple[tf.Tensor, tf.Tensor]:
        return brightened(images, either_way(parameters["change"], images, keys, "brightness")), labels
