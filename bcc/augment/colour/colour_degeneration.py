"""Colours faded towards grey."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from bcc.augment.augmentation import Augmentation, Parameters, Topic
from bcc.augment.colour.pixels import faded
from bcc.augment.drawn import up_to
from bcc.specs import option

if TYPE_CHECKING:
    import tensorflow as tf


class ColourDegeneration(Augmentation):
    """Blend with the grey image, by a share drawn evenly from 0 to `share`."""

    name: ClassVar[str] = "colour_degeneration"
    title: ClassVar[str] = "Colour degeneration"
    topic: ClassVar[Topic] = "colour"
    about: ClassVar[str] = "Fades the colours towards grey."
    hurts: ClassVar[str] = (
        "Without colour only shape and texture are left, and eosinophils resemble neutrophils."
    )
    paper: ClassVar[str] = "Cubuk et al., AutoAugment, 2019"
    neutral: ClassVar[dict[str, float]] = {"share": 0.0}

    share: float = option(0.8, "Largest share of grey; 1 leaves no colour.", ge=0, le=1)

    @classmethod
    def apply(
        cls, images: tf.Tensor, labels: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tuple[tf.Tensor, tf.Tensor]:
        share = up_to(parameters["share"], images, keys, "degeneration")
        return faded(images, share[:, 0, 0, 0]), labels
