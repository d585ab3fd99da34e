"""Turn images by any angle."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from bcc.augment.augmentation import Parameters
from bcc.augment.geometry.warp import Affine
from bcc.augment.keys import uniform
from bcc.specs import option

if TYPE_CHECKING:
    import tensorflow as tf


class Rotation(Affine):
    """Turns the image by any angle up to the chosen one, either way."""

    name: ClassVar[str] = "rotation"
    title: ClassVar[str] = "Rotation"
    about: ClassVar[str] = "Turns the image by any angle up to the chosen one, either way."
    hurts: ClassVar[str] = (
        "Hardly: a cell has no upright; a little sharpness is lost, and corners are mirrored in."
    )
    neutral: ClassVar[dict[str, float]] = {"degrees": 0.0}

    degrees: float = option(180.0, "Largest angle, either way.", unit="degrees", ge=0, le=180)

    @classmethod
    def matrix(
        cls, height: tf.Tensor, width: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tf.Tensor:
        import tensorflow as tf

        angle = (2 * uniform(keys, 1, "rotation")[:, 0] - 1) * parameters["degrees"] * (np.pi / 180)
        cosine, sine, nothing = tf.cos(angle), tf.sin(angle), tf.zeros_like(angle)
        return tf.stack([cosine, sine, nothing, -sine, cosine, nothing], axis=1)
