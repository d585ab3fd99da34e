"""Another white balance."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from bcc.augment.augmentation import Augmentation, Parameters, Topic
from bcc.augment.batch import over_pixels, per_image
from bcc.augment.colour.pixels import clipped
from bcc.augment.keys import uniform
from bcc.specs import option

if TYPE_CHECKING:
    import tensorflow as tf


class ChannelShift(Augmentation):
    """Add a number drawn evenly from -shift to shift to each channel, another for each."""

    name: ClassVar[str] = "channel_shift"
    title: ClassVar[str] = "Channel shift"
    topic: ClassVar[Topic] = "colour"
    about: ClassVar[str] = "Adds another number to red, to green and to blue: a white balance that is off."
    hurts: ClassVar[str] = "Large shifts tint the glass and change the stain, which distinguishes classes."
    neutral: ClassVar[dict[str, float]] = {"shift": 0.0}

    shift: float = option(40.0, "Largest shift of a channel, of 255.", unit="levels", ge=0, le=255)

    @classmethod
    def apply(
        cls, images: tf.Tensor, labels: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tuple[tf.Tensor, tf.Tensor]:
        draws = 2 * uniform(keys, 3, "channel shift") - 1
        shift = over_pixels(per_image(parameters["shift"], images))
        return clipped(images + shift * draws[:, None, None, :]), labels
