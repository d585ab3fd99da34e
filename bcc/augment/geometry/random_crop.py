"""Cut a part out of images and enlarge it to the full size."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from bcc.augment.augmentation import Parameters
from bcc.augment.geometry.warp import Affine
from bcc.augment.keys import uniform
from bcc.specs import option

if TYPE_CHECKING:
    import tensorflow as tf


class RandomCrop(Affine):
    """Cuts a random part out and enlarges it to the full size."""

    name: ClassVar[str] = "random_crop"
    title: ClassVar[str] = "Random crop"
    about: ClassVar[str] = "Cuts a random part out and enlarges it to the full size."
    hurts: ClassVar[str] = "When it cuts lobes off: a neutrophil is recognised by their number."
    neutral: ClassVar[dict[str, float]] = {"smallest": 1.0}

    smallest: float = option(0.7, "Smallest side of the part, as a share of the image's.", ge=0.1, le=1)

    @classmethod
    def matrix(
        cls, height: tf.Tensor, width: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tf.Tensor:
        import tensorflow as tf

        draw = uniform(keys, 3, "random crop")
        side = 1 - draw[:, 0] * (1 - parameters["smallest"])
        # No further than to the border, so that nothing has to be filled.
        right = (2 * draw[:, 1] - 1) * (1 - side) * (width - 1) / 2
        down = (2 * draw[:, 2] - 1) * (1 - side) * (height - 1) / 2
        nothing = tf.zeros_like(side)
        return tf.stack([side, nothing, right, nothing, side, down], axis=1)
