"""Bright values turned to their negative."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from bcc.augment.augmentation import Augmentation, Parameters, Topic
from bcc.augment.batch import over_pixels, per_image
from bcc.augment.keys import uniform
from bcc.specs import option

if TYPE_CHECKING:
    import tensorflow as tf


def solarised(images: tf.Tensor, threshold: tf.Tensor) -> tf.Tensor:
    """Values from the threshold on as their negative, as Pillow's `ImageOps.solarize`."""
    import tensorflow as tf

    return tf.where(images >= threshold, 255.0 - images, images)


class Solarise(Augmentation):
    """Turn values from a threshold on, drawn evenly from `threshold` to 256, to their negative."""

    name: ClassVar[str] = "solarise"
    title: ClassVar[str] = "Solarise"
    topic: ClassVar[Topic] = "colour"
    about: ClassVar[str] = "Turns the brightest values to their negative."
    hurts: ClassVar[str] = (
        "Turns white glass black; no microscope does this, yet it makes a network less sure of colour."
    )
    paper: ClassVar[str] = "Cubuk et al., AutoAugment, 2019"
    neutral: ClassVar[dict[str, float]] = {"threshold": 256.0}

    threshold: float = option(
        128.0, "Lowest threshold; 256 turns nothing, 0 everything.", unit="levels", ge=0, le=256
    )

    @classmethod
    def apply(
        cls, images: tf.Tensor, labels: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tuple[tf.Tensor, tf.Tensor]:
        lowest = per_image(parameters["threshold"], images)
        threshold = lowest + (256 - lowest) * uniform(keys, 1, "solarise")[:, 0]
        return solarised(images, over_pixels(threshold)), labels
