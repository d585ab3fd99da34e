"""Show the slide at a slant."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from bcc.augment.augmentation import Parameters
from bcc.augment.geometry.warp import Warp, from_centre
from bcc.augment.keys import uniform
from bcc.specs import option

if TYPE_CHECKING:
    import tensorflow as tf


class Perspective(Warp):
    """Shows the image at a slant: one side comes nearer."""

    name: ClassVar[str] = "perspective"
    title: ClassVar[str] = "Perspective"
    about: ClassVar[str] = "Shows the image at a slant: one side comes nearer."
    hurts: ClassVar[str] = (
        "When strong: no microscope shows a smear like that, and lobes on the far side shrink."
    )
    neutral: ClassVar[dict[str, float]] = {"tilt": 0.0}

    tilt: float = option(0.2, "How much nearer one side may come, as a share of the distance.", ge=0, le=0.45)

    @classmethod
    def places(
        cls, height: tf.Tensor, width: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tuple[tf.Tensor, tf.Tensor]:
        draw = (2 * uniform(keys, 2, "perspective") - 1) * parameters["tilt"][:, None]
        y, x, middle, centre = from_centre(height, width)
        across, down = draw[:, 0, None, None] * 2 / width, draw[:, 1, None, None] * 2 / height
        nearer = 1 + across * x + down * y
        return y / nearer + middle, x / nearer + centre
