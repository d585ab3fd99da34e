"""Show cells larger or smaller."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from bcc.augment.augmentation import Parameters
from bcc.augment.geometry.warp import Affine
from bcc.augment.keys import uniform
from bcc.specs import option

if TYPE_CHECKING:
    import tensorflow as tf


class Zoom(Affine):
    """Shows the cell larger or smaller, about its middle."""

    name: ClassVar[str] = "zoom"
    title: ClassVar[str] = "Zoom"
    about: ClassVar[str] = "Shows the cell larger or smaller, about its middle."
    hurts: ClassVar[str] = (
        "When size tells classes apart: a platelet is far smaller than a lymphocyte, that than a monocyte."
    )
    neutral: ClassVar[dict[str, float]] = {"closer": 0.0, "farther": 0.0}

    closer: float = option(0.3, "How much larger a cell may get, as a share of its size.", ge=0, le=1)
    farther: float = option(0.3, "How much smaller a cell may get: 1 is half its size.", ge=0, le=1)

    @classmethod
    def matrix(
        cls, height: tf.Tensor, width: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tf.Tensor:
        import tensorflow as tf

        draw = uniform(keys, 1, "zoom")[:, 0]
        # Even in the logarithm, so that twice and half the size are as likely.
        nearest, farthest = -tf.math.log1p(parameters["closer"]), tf.math.log1p(parameters["farther"])
        step, nothing = tf.exp(nearest + draw * (farthest - nearest)), tf.zeros_like(draw)
        return tf.stack([step, nothing, nothing, nothing, step, nothing], axis=1)
