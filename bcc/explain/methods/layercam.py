"""LayerCAM."""

from __future__ import annotations

from typing import Any

from bcc.explain.methods.method import Method, maps_and_gradients
from bcc.explain.split_model import Parts


class LayerCam(Method):
    """Every place of a stage's maps weighted by its own gradient where that is positive.

    Jiang et al. 2021, https://doi.org/10.1109/TIP.2021.3089943.
    """

    name = "layercam"
    title = "LayerCAM"
    about = (
        "Bright where a place of the stage's maps by itself speaks for the class; works in early stages too."
    )

    def maps(self, parts: Parts, images: Any, classes: Any, seed: Any) -> Any:
        import tensorflow as tf

        maps, gradients = maps_and_gradients(parts, images, classes)
        return tf.nn.relu(tf.reduce_sum(maps * tf.nn.relu(gradients), axis=-1))
