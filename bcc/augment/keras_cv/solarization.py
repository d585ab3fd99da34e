"""keras-cv's Solarization: lighter by some levels, then the brightest values as their negative."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from bcc.augment.augmentation import Parameters, Topic
from bcc.augment.batch import over_pixels, per_image
from bcc.augment.drawn import up_to
from bcc.augment.keras_cv.step import KerasCvStep, made
from bcc.augment.keys import uniform
from bcc.specs import option

if TYPE_CHECKING:
    import tensorflow as tf


class KerasCvSolarization(KerasCvStep):
    """Add a drawn number of levels, clip, and turn values from a drawn threshold on to their negative."""

    name: ClassVar[str] = "keras_cv.solarization"
    title: ClassVar[str] = "Solarise and add (keras-cv)"
    topic: ClassVar[Topic] = "colour"
    about: ClassVar[str] = "Makes the image lighter, then turns its brightest values to their negative."
    hurts: ClassVar[str] = "Turns white glass black and takes the difference between pale dyes away."
    paper: ClassVar[str] = "Cubuk et al., AutoAugment, 2019 (SolarizeAdd)"
    neutral: ClassVar[dict[str, float]] = {"addition": 0.0, "threshold": 256.0}

    addition: float = option(55.0, "Most levels that are added.", unit="levels", ge=0, le=255)
    threshold: float = option(
        160.0, "Lowest threshold; 256 turns nothing, 0 everything.", unit="levels", ge=0, le=256
    )

    @classmethod
    def change(
        cls, images: tf.Tensor, labels: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tuple[tf.Tensor, tf.Tensor]:
        lowest = per_image(parameters["threshold"], images)
        threshold = lowest + (256 - lowest) * uniform(keys, 1, f"{cls.name} threshold")[:, 0]
        drawn = {
            "additions": up_to(parameters["addition"], images, keys, cls.name),
            "thresholds": over_pixels(threshold),
        }
        layer = made(lambda layers: layers.Solarization((0, 255), dtype="float32"))
        return layer.augment_images(images, drawn), labels
