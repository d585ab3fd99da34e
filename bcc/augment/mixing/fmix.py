"""Patches of another image, shaped like clouds, are pasted in."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from bcc.augment.augmentation import Augmentation, Parameters, Topic
from bcc.augment.batch import per_image
from bcc.augment.keys import normal
from bcc.augment.mixing.partners import partners
from bcc.augment.mixing.shares import beta, pasted
from bcc.specs import option

if TYPE_CHECKING:
    import tensorflow as tf


WAVES = 6
"""Waves along each side that the clouds are made of; finer ones would hardly be seen."""
HALVINGS = 12
"""Steps of the search for the level that leaves the drawn share above it."""


class FMix(Augmentation):
    """Paste what lies where a random low-frequency pattern is high; the label follows the pixels."""

    name: ClassVar[str] = "fmix"
    title: ClassVar[str] = "FMix"
    topic: ClassVar[Topic] = "mixing"
    about: ClassVar[str] = (
        "Pastes cloud-shaped patches of another cell; both labels count by the pixels that are there."
    )
    hurts: ClassVar[str] = "Patches break outlines, so that neither nucleus keeps its lobes."
    paper: ClassVar[str] = "Harris et al., FMix: Enhancing Mixed Sample Data Augmentation, 2020"
    neutral: ClassVar[dict[str, float]] = {"share": 0.0}

    alpha: float = option(
        1.0, "Shape of the draw: small for nearly whole images, 1 for any share alike.", ge=0.05, le=8
    )
    share: float = option(1.0, "Largest share of the partner; the draw is multiplied by it.", ge=0, le=1)
    decay: float = option(2.0, "How much weaker finer waves are; larger for larger patches.", ge=0, le=6)

    @classmethod
    def apply(
        cls, images: tf.Tensor, labels: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tuple[tf.Tensor, tf.Tensor]:
        import tensorflow as tf

        share = per_image(parameters["share"], images) * beta(
            keys, per_image(parameters["alpha"], images), "fmix"
        )
        clouds = _clouds(
            keys, per_image(parameters["decay"], images), tf.shape(images)[1], tf.shape(images)[2]
        )
        return pasted(images, labels, _highest(clouds, share), partners(keys))


def _clouds(keys: tf.Tensor, decay: tf.Tensor, height: tf.Tensor, width: tf.Tensor) -> tf.Tensor:
    """Random patterns, float32 (N, H, W): waves with amplitudes that fall with their frequency."""
    import tensorflow as tf

    # Waves of half periods do not repeat at the borders, as those of a Fourier transform would.
    def waves(length: tf.Tensor) -> tf.Tensor:
        angle = (tf.range(length, dtype=tf.float32) + 0.5) * (np.pi / tf.cast(length, tf.float32))
        return tf.cos(tf.range(WAVES, dtype=tf.float32)[:, None] * angle[None])

    down, across = np.mgrid[:WAVES, :WAVES].astype(np.float32)
    frequency = np.hypot(down, across).reshape(-1)
    frequency[0] = np.inf
    fall = tf.pow(tf.constant(1 / frequency)[None], decay[:, None] / 2 + 0.5)
    amplitudes = tf.reshape(normal(keys, (WAVES * WAVES,), "fmix") * fall, [-1, WAVES, WAVES])
    amplitudes = tf.where(tf.constant(frequency.reshape(WAVES, WAVES) < np.inf), amplitudes, 0.0)
    return tf.transpose(waves(height)) @ amplitudes @ waves(width)


def _highest(values: tf.Tensor, share: tf.Tensor) -> tf.Tensor:
    """The highest values of each pattern, about so large a share of it: bool (N, H, W)."""
    import tensorflow as tf

    low, high = tf.reduce_min(values, axis=[1, 2]), tf.reduce_max(values, axis=[1, 2])
    for _ in range(HALVINGS):
        level = (low + high) / 2
        above = tf.reduce_mean(tf.cast(values > level[:, None, None], tf.float32), axis=[1, 2])
        low, high = tf.where(above > share, level, low), tf.where(above > share, high, level)
    return (values > high[:, None, None]) & (share > 0)[:, None, None]
