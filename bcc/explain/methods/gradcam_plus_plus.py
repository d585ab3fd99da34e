"""Grad-CAM++."""

from __future__ import annotations

from typing import Any

from bcc.explain.methods.method import Method, maps_and_gradients
from bcc.explain.split_model import Parts


class GradCamPlusPlus(Method):
    """Grad-CAM whose weights count each place of a map by itself, so that several small things all show.

    Chattopadhay et al. 2018, https://arxiv.org/abs/1710.11063. The paper's factor exp(score) is left out: it
    cancels in the alphas and only scales the whole map, but it overflows for a sure model.
    """

    name = "gradcam++"
    title = "Grad-CAM++"
    about = "Like Grad-CAM, but every place of a map has its own weight: several small parts all show."

    def maps(self, parts: Parts, images: Any, classes: Any, seed: Any) -> Any:
        import tensorflow as tf

        maps, first = maps_and_gradients(parts, images, classes)
        second, third = first**2, first**3
        everywhere = tf.reduce_sum(maps, axis=(1, 2), keepdims=True)
        alphas = second / _without_zero(second * 2 + third * everywhere, where=second)
        total = tf.reduce_sum(alphas, axis=(1, 2), keepdims=True)
        alphas /= _without_zero(total, where=total)
        weights = tf.reduce_sum(tf.nn.relu(first) * alphas, axis=(1, 2), keepdims=True)
        return tf.nn.relu(tf.reduce_sum(weights * maps, axis=-1))


def _without_zero(values: Any, where: Any) -> Any:
    """One more where the other array is 0, as the reference does."""
    import tensorflow as tf

    return values + tf.cast(where == 0, values.dtype)
