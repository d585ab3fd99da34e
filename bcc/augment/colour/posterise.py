"""Fewer levels of each colour."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from bcc.augment.augmentation import Augmentation, Parameters, Topic
from bcc.augment.batch import over_pixels, per_image
from bcc.augment.keys import uniform
from bcc.specs import option

if TYPE_CHECKING:
    import tensorflow as tf


def posterised(images: tf.Tensor, bits: tf.Tensor) -> tf.Tensor:
    """Only the highest bits of every value, as Pillow's `ImageOps.posterize`; bits float32 (N, 1, 1, 1)."""
    import tensorflow as tf

    step = tf.pow(2.0, 8 - bits)
    return tf.where(bits >= 8, images, tf.floor(images / step) * step)


class Posterise(Augmentation):
    """Keep a number of bits drawn evenly from `bits` to 8, each as likely."""

    name: ClassVar[str] = "posterise"
    title: ClassVar[str] = "Posterise"
    topic: ClassVar[Topic] = "colour"
    about: ClassVar[str] = "Leaves few levels of each colour, like a poster."
    hurts: ClassVar[str] = "Few levels wipe out fine chromatin, which tells blasts from lymphocytes."
    paper: ClassVar[str] = "Cubuk et al., AutoAugment, 2019"
    neutral: ClassVar[dict[str, float]] = {"bits": 8}

    bits: int = option(
        3, "Fewest bits of a colour that are kept; 8 is the image as it is.", unit="bits", ge=1, le=8
    )

    @classmethod
    def apply(
        cls, images: tf.Tensor, labels: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tuple[tf.Tensor, tf.Tensor]:
        import tensorflow as tf

        choices = 9 - per_image(parameters["bits"], images)
        bits = 8 - tf.floor(uniform(keys, 1, "posterise")[:, 0] * choices)
        return posterised(images, over_pixels(bits)), labels
