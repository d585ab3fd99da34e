"""SmoothGrad."""

from __future__ import annotations

from typing import Any

from bcc.explain.methods.method import Method, pixel_gradients
from bcc.explain.split_model import Parts


class SmoothGrad(Method):
    """The mean of the gradients at many noisy copies of an image.

    Smilkov et al. 2017, https://arxiv.org/abs/1706.03825. The noise depends on the seed alone, so that a
    image's map does not depend on the others in its batch.

    Args:
        samples: noisy copies of each image.
        noise: their standard deviation, as a share of the image's range of values.
    """

    name = "smoothgrad"
    title = "SmoothGrad"
    about = "The gradient, averaged over noisy copies of the image, which takes the speckle out."
    at_stage = False

    def __init__(self, samples: int = 20, noise: float = 0.2) -> None:
        self.samples = samples
        self.noise = noise

    def images_at_once(self, batch_size: int) -> int:
        return 1

    def maps(self, parts: Parts, images: Any, classes: Any, seed: Any) -> Any:
        import tensorflow as tf

        spread = self.noise * (tf.reduce_max(images) - tf.reduce_min(images))
        noisy = images + spread * self.draw(parts.side, seed)
        gradients = pixel_gradients(parts, noisy, tf.repeat(classes, self.samples))
        mean = tf.reduce_mean(tf.abs(gradients), axis=0, keepdims=True)
        return tf.reduce_max(mean, axis=-1)

    def draw(self, side: int, seed: Any) -> Any:
        """The noise before it is scaled: float32 (samples, side, side, 3)."""
        import tensorflow as tf

        return tf.random.stateless_normal((self.samples, side, side, 3), seed)
