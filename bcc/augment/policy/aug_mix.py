"""AugMix: several chains of operations, blended with each other and with the image itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from bcc.augment.augmentation import Augmentation, Parameters, Topic
from bcc.augment.batch import over_pixels, per_image
from bcc.augment.keys import folded, uniform
from bcc.augment.policy.operations import drawn_operations, operate
from bcc.specs import option

if TYPE_CHECKING:
    import tensorflow as tf

CHAINS = 3
DEEPEST = 3


class AugMix(Augmentation):
    """Blend three chains of one to three operations, and that blend with the image."""

    name: ClassVar[str] = "aug_mix"
    title: ClassVar[str] = "AugMix"
    topic: ClassVar[Topic] = "policy"
    about: ClassVar[str] = "Blends three changed copies of the image with each other and with the image."
    hurts: ClassVar[str] = "Hardly: the cell shines through; moved copies can look like a second nucleus."
    paper: ClassVar[str] = "Hendrycks et al.: AugMix, 2020, https://arxiv.org/abs/1912.02781"
    neutral: ClassVar[dict[str, float]] = {"share": 0.0}

    severity: float = option(0.3, "Largest strength of an operation.", ge=0, le=1)
    depth: int = option(3, "Most operations in a chain.", ge=1, le=DEEPEST)
    share: float = option(1.0, "Largest share of the changed copies in the result.", ge=0, le=1)

    @classmethod
    def apply(
        cls, images: tf.Tensor, labels: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tuple[tf.Tensor, tf.Tensor]:
        import tensorflow as tf

        severity, depth, share = (
            per_image(parameters[name], images) for name in ("severity", "depth", "share")
        )
        # Weights of a Dirichlet distribution with all parameters 1: exponential draws over their sum.
        draw = uniform(keys, CHAINS + 1, "aug mix weights")
        weights = -tf.math.log(1 - draw[:, :CHAINS] + 1e-7)
        weights /= tf.reduce_sum(weights, axis=1, keepdims=True)
        mixture = tf.zeros_like(images)
        for chain in range(CHAINS):
            own = folded(keys, f"aug mix chain {chain}")
            draws = uniform(own, 1 + 3 * DEEPEST, "aug mix")
            length = 1 + tf.floor(draws[:, 0] * depth)
            copy = images
            for turn in range(DEEPEST):
                which, strength, how = (draws[:, 1 + 3 * turn + place] for place in range(3))
                choice = drawn_operations(which)
                copy = operate(copy, choice, strength * severity, how, (turn < length) & (share > 0))
            mixture += over_pixels(weights[:, chain]) * copy
        blend = over_pixels(share * draw[:, CHAINS])
        return tf.clip_by_value(images + blend * (mixture - images), 0.0, 255.0), labels
