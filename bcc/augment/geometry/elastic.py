"""Bend images smoothly, as a cell is soft."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from bcc.augment.augmentation import Parameters
from bcc.augment.geometry.warp import Warp, from_centre
from bcc.augment.keys import normal
from bcc.specs import option

if TYPE_CHECKING:
    import tensorflow as tf

_VARIANCE = {4: 0.764, 9: 0.707}
"""Points of a grid along a side -> variance, over the whole image, of what bicubic interpolation makes of
independent normal draws of variance 1 at its points; the same for any size of image from 32 px on."""


class Elastic(Warp):
    """Bends the image smoothly, here one way and there another."""

    name: ClassVar[str] = "elastic"
    title: ClassVar[str] = "Elastic"
    about: ClassVar[str] = "Bends the image smoothly, here one way and there another."
    hurts: ClassVar[str] = "When strong: it can pinch a nucleus into lobes that were not there."
    paper: ClassVar[str] = "Simard, Steinkraus, Platt: Best practices for convolutional neural networks, 2003"
    neutral: ClassVar[dict[str, float]] = {"strength": 0.0}

    strength: float = option(
        0.03,
        "Typical move of a point, sideways and up or down alike, as a share of the image's side (the "
        "standard deviation).",
        ge=0,
        le=0.2,
    )
    detail: float = option(
        0.3, "Share of the bending in small waves (an eighth of the side) instead of large ones.", ge=0, le=1
    )

    @classmethod
    def places(
        cls, height: tf.Tensor, width: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tuple[tf.Tensor, tf.Tensor]:
        import tensorflow as tf

        moves = variance = 0.0
        detail = parameters["detail"][:, None, None, None]
        size = (tf.cast(height, tf.int32), tf.cast(width, tf.int32))
        for share, grid in ((1 - detail, 4), (detail, 9)):
            points = tf.reshape(normal(keys, (grid * grid * 2,), f"elastic {grid}"), [-1, grid, grid, 2])
            moves += share * tf.image.resize(points, size, "bicubic")
            variance += share**2 * _VARIANCE[grid]
        moves *= parameters["strength"][:, None, None, None] / tf.sqrt(variance)
        y, x, middle, centre = from_centre(height, width)
        return (y + middle) + moves[..., 0] * height, (x + centre) + moves[..., 1] * width
