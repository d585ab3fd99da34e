"""Move images: the cell need not be in the middle."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from bcc.augment.augmentation import Parameters
from bcc.augment.geometry.warp import Affine
from bcc.augment.keys import uniform
from bcc.specs import option

if TYPE_CHECKING:
    import tensorflow as tf


class Translation(Affine):
    """Moves the image sideways and up or down."""

    name: ClassVar[str] = "translation"
    title: ClassVar[str] = "Translation"
    about: ClassVar[str] = "Moves the image sideways and up or down."
    hurts: ClassVar[str] = (
        "When it moves a lobe or the rim of a large cell (monocyte, immature granulocyte) out of the image."
    )
    neutral: ClassVar[dict[str, float]] = {"horizontal": 0.0, "vertical": 0.0}

    horizontal: float = option(0.15, "Largest move sideways, as a share of the width.", ge=0, le=0.5)
    vertical: float = option(0.15, "Largest move up or down, as a share of the height.", ge=0, le=0.5)

    @classmethod
    def matrix(
        cls, height: tf.Tensor, width: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tf.Tensor:
        import tensorflow as tf

        draw = 2 * uniform(keys, 2, "translation") - 1
        one, nothing = tf.ones_like(draw[:, 0]), tf.zeros_like(draw[:, 0])
        right = draw[:, 0] * parameters["horizontal"] * width
        down = draw[:, 1] * parameters["vertical"] * height
        return tf.stack([one, nothing, right, nothing, one, down], axis=1)
