"""Slant images."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from bcc.augment.augmentation import Parameters
from bcc.augment.geometry.warp import Affine
from bcc.augment.keys import uniform
from bcc.specs import option

if TYPE_CHECKING:
    import tensorflow as tf


class Shear(Affine):
    """Slants the image sideways and up or down."""

    name: ClassVar[str] = "shear"
    title: ClassVar[str] = "Shear"
    about: ClassVar[str] = "Slants the image sideways and up or down."
    hurts: ClassVar[str] = (
        "When roundness counts: a slanted lymphocyte is no rounder than an indented nucleus."
    )
    neutral: ClassVar[dict[str, float]] = {"horizontal": 0.0, "vertical": 0.0}

    horizontal: float = option(15.0, "Largest slant sideways.", unit="degrees", ge=0, le=45)
    vertical: float = option(15.0, "Largest slant up or down.", unit="degrees", ge=0, le=45)

    @classmethod
    def matrix(
        cls, height: tf.Tensor, width: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tf.Tensor:
        import tensorflow as tf

        draw = 2 * uniform(keys, 2, "shear") - 1
        one, nothing = tf.ones_like(draw[:, 0]), tf.zeros_like(draw[:, 0])
        sideways = tf.tan(draw[:, 0] * parameters["horizontal"] * (np.pi / 180))
        upwards = tf.tan(draw[:, 1] * parameters["vertical"] * (np.pi / 180))
        return tf.stack([one, sideways, nothing, upwards, one, nothing], axis=1)
