"""Brightness, contrast, saturation and hue at once: the usual jitter."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from bcc.augment.augmentation import Augmentation, Parameters, Topic
from bcc.augment.colour.brightness import brightened
from bcc.augment.colour.contrast import contrasted
from bcc.augment.colour.hue import turned
from bcc.augment.colour.saturation import saturated
from bcc.augment.drawn import either_way
from bcc.specs import option

if TYPE_CHECKING:
    import tensorflow as tf


class ColourJitter(Augmentation):
    """Brightness, contrast, saturation and hue, always in this order, each by a separate draw."""

    name: ClassVar[str] = "colour_jitter"
    title: ClassVar[str] = "Colour jitter"
    topic: ClassVar[Topic] = "colour"
    about: ClassVar[str] = (
        "Changes brightness, contrast, saturation and hue, in this order, each by a separate draw."
    )
    hurts: ClassVar[str] = (
        "Hue and saturation carry the stain that classes are defined by: keep them smaller than the "
        "first two."
    )
    neutral: ClassVar[dict[str, float]] = {"brightness": 0.0, "contrast": 0.0, "saturation": 0.0, "hue": 0.0}

    brightness: float = option(0.4, "Largest change, as a share of the brightness.", ge=0, le=1)
    contrast: float = option(0.4, "Largest change, as a share of the contrast.", ge=0, le=1)
    saturation: float = option(0.4, "Largest change, as a share of the saturation.", ge=0, le=1)
    hue: float = option(0.05, "Largest turn of the colour wheel.", unit="turns", ge=0, le=0.5)

    @classmethod
    def apply(
        cls, images: tf.Tensor, labels: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tuple[tf.Tensor, tf.Tensor]:
        steps = {"brightness": brightened, "contrast": contrasted, "saturation": saturated, "hue": turned}
        for part, change in steps.items():
            images = change(images, either_way(parameters[part], images, keys, f"jitter {part}"))
        return images, labels
