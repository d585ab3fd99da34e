"""RandAugment: a few operations, drawn for each image, of one magnitude."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from bcc.augment.augmentation import Augmentation, Parameters, Topic
from bcc.augment.batch import per_image
from bcc.augment.keys import normal, uniform
from bcc.augment.policy.operations import drawn_operations, operate
from bcc.specs import option

if TYPE_CHECKING:
    import tensorflow as tf

MOST = 8
"""Operations an image at the most."""


class RandAugment(Augmentation):
    """Draw some of ten operations for each image and apply them one after another."""

    name: ClassVar[str] = "rand_augment"
    title: ClassVar[str] = "RandAugment"
    topic: ClassVar[Topic] = "policy"
    about: ClassVar[str] = (
        "Draws a few of ten operations (contrast, colour, shear, moves, ...) for each image."
    )
    hurts: ClassVar[str] = (
        "When strong: moves push cells out of the image and colours leave what a stain can give; it still "
        "closed most of the gap to distorted images."
    )
    paper: ClassVar[str] = "Cubuk, Zoph, Shlens, Le: RandAugment, 2020, https://arxiv.org/abs/1909.13719"
    neutral: ClassVar[dict[str, float]] = {"rate": 0.0, "magnitude": 0.0}

    operations: int = option(2, "Operations an image, one after another.", ge=1, le=MOST)
    magnitude: float = option(0.5, "Mean strength of an operation.", ge=0, le=1)
    deviation: float = option(0.15, "Standard deviation of the strength.", ge=0, le=1)
    rate: float = option(10 / 11, "Chance that a drawn operation is applied.", ge=0, le=1)

    @classmethod
    def apply(
        cls, images: tf.Tensor, labels: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tuple[tf.Tensor, tf.Tensor]:
        import tensorflow as tf

        wanted, magnitude, deviation, rate = (
            per_image(parameters[name], images) for name in ("operations", "magnitude", "deviation", "rate")
        )
        which, applied, draws = tf.split(uniform(keys, 3 * MOST, "rand augment"), 3, axis=1)
        strengths = normal(keys, (MOST,), "rand augment strength")

        def operation(turn: tf.Tensor, current: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            strength = tf.clip_by_value(magnitude + deviation * strengths[:, turn], 0.0, 1.0)
            active = (applied[:, turn] < rate) & (tf.cast(turn, tf.float32) < wanted)
            choice = drawn_operations(which[:, turn])
            return turn + 1, operate(current, choice, strength, draws[:, turn], active)

        turns = tf.cast(tf.reduce_max(wanted), tf.int32)
        _, images = tf.while_loop(
            lambda turn, _: turn < turns,
            operation,
            (0, images),
            shape_invariants=(tf.TensorShape([]), images.shape),
            parallel_iterations=1,
        )
        return images, labels
