"""Integrated gradients."""

from __future__ import annotations

from typing import Any

from bcc.explain.methods.method import Method, pixel_gradients
from bcc.explain.split_model import Parts

GLASS = 255.0
"""Baseline of the path: an image without any stain. The usual black would be a field full of stain, and
would make a dark nucleus count for nothing."""


class IntegratedGradients(Method):
    """How much each pixel adds to the score on the straight path from empty glass to the image.

    Sundararajan et al. 2017, https://arxiv.org/abs/1703.01365. The shares of all pixels add up to the score
    of the image less that of empty glass; the map shows their size.

    Args:
        steps: points on the path; the integral is approximated by the midpoint rule.
    """

    name = "integrated_gradients"
    title = "integrated gradients"
    about = "Bright where a pixel, coloured in from white glass, adds to the class's score or takes from it."
    at_stage = False

    def __init__(self, steps: int = 32) -> None:
        self.steps = steps

    def images_at_once(self, batch_size: int) -> int:
        return 1

    def maps(self, parts: Parts, images: Any, classes: Any, seed: Any) -> Any:
        import tensorflow as tf

        return tf.abs(tf.reduce_sum(self.shares(parts, images, classes), axis=-1))

    def shares(self, parts: Parts, images: Any, classes: Any) -> Any:
        """What each value of one image adds to the score: float32 (1, side, side, 3)."""
        import tensorflow as tf

        along = (tf.range(self.steps, dtype=tf.float32) + 0.5) / self.steps
        way = GLASS + along[:, None, None, None] * (images - GLASS)
        gradients = pixel_gradients(parts, way, tf.repeat(classes, self.steps))
        return (images - GLASS) * tf.reduce_mean(gradients, axis=0, keepdims=True)
