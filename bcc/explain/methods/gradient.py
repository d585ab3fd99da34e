"""The plain gradient."""

from __future__ import annotations

from typing import Any

from bcc.explain.methods.method import Method, pixel_gradients
from bcc.explain.split_model import Parts


class Gradient(Method):
    """The steepest of the three colours' gradients in every pixel.

    Simonyan et al. 2013, https://arxiv.org/abs/1312.6034.
    """

    name = "gradient"
    title = "gradient"
    about = "Bright where a small change of a pixel changes the class's score most, up or down."
    at_stage = False

    def maps(self, parts: Parts, images: Any, classes: Any, seed: Any) -> Any:
        import tensorflow as tf

        return tf.reduce_max(tf.abs(pixel_gradients(parts, images, classes)), axis=-1)
