"""Grad-CAM."""

from __future__ import annotations

from typing import Any

from bcc.explain.methods.method import Method, maps_and_gradients
from bcc.explain.split_model import Parts


class GradCam(Method):
    """A stage's maps, each weighted by the mean gradient of the class's score in it.

    Selvaraju et al. 2017, https://arxiv.org/abs/1610.02391.
    """

    name = "gradcam"
    title = "Grad-CAM"
    about = "Bright where the stage's maps speak for the class, each map weighted by its mean gradient."

    def maps(self, parts: Parts, images: Any, classes: Any, seed: Any) -> Any:
        import tensorflow as tf

        maps, gradients = maps_and_gradients(parts, images, classes)
        weights = tf.reduce_mean(gradients, axis=(1, 2), keepdims=True)
        return tf.nn.relu(tf.reduce_sum(maps * weights, axis=-1))
