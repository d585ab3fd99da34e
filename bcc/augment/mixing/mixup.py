"""Two images laid over each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from bcc.augment.augmentation import Augmentation, Parameters, Topic
from bcc.augment.batch import over_pixels, per_image
from bcc.augment.mixing.partners import partners
from bcc.augment.mixing.shares import beta
from bcc.specs import option

if TYPE_CHECKING:
    import tensorflow as tf


class MixUp(Augmentation):
    """Blend each image with a partner of its batch; the label is blended by the same share."""

    name: ClassVar[str] = "mixup"
    title: ClassVar[str] = "MixUp"
    topic: ClassVar[Topic] = "mixing"
    about: ClassVar[str] = "Lays another cell over the image; both labels count by their shares."
    hurts: ClassVar[str] = "Two nuclei in one place look like no cell that there is; use small shares."
    paper: ClassVar[str] = "Zhang et al., mixup: Beyond Empirical Risk Minimization, 2018"
    neutral: ClassVar[dict[str, float]] = {"share": 0.0}

    alpha: float = option(
        0.4, "Shape of the draw: small for nearly whole images, 1 for any share alike.", ge=0.05, le=8
    )
    share: float = option(1.0, "Largest share of the partner; the draw is multiplied by it.", ge=0, le=1)

    @classmethod
    def apply(
        cls, images: tf.Tensor, labels: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tuple[tf.Tensor, tf.Tensor]:
        import tensorflow as tf

        other = partners(keys)
        share = per_image(parameters["share"], images) * beta(
            keys, per_image(parameters["alpha"], images), "mixup"
        )
        mixed = images + over_pixels(share) * (tf.gather(images, other) - images)
        return mixed, labels + share[:, None] * (tf.gather(labels, other) - labels)
