"""Base class of saliency methods: a graph from a batch of images and classes to a batch of maps."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from bcc.explain.split_model import Parts


class Method(ABC):
    """A saliency method; it holds its settings and no state.

    Attributes:
        name: on the command line and in file names.
        title: for a person.
        about: one sentence for a person: what bright means.
        at_stage: whether the map is that of a stage, or of the pixels.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    about: ClassVar[str]
    at_stage: ClassVar[bool] = True

    def images_at_once(self, batch_size: int) -> int:
        """Images in one call; a method that asks the model many times for one image takes 1."""
        return batch_size

    @abstractmethod
    def maps(self, parts: Parts, images: Any, classes: Any, seed: Any) -> Any:
        """Build the graph; called once, while it is traced.

        Args:
            parts: the model.
            images: float32 (B, side, side, 3), 0..255.
            classes: int32 (B,), which score of each image to explain.
            seed: int32 (2,), for methods that draw.

        Returns:
            float32 (B, h, w), values >= 0, not scaled.
        """


def chosen_scores(scores: Any, classes: Any) -> Any:
    """The score of its class in each image: (B, classes) and (B,) to (B,)."""
    import tensorflow as tf

    return tf.gather(scores, classes, batch_dims=1)


def maps_and_gradients(parts: Parts, images: Any, classes: Any) -> tuple[Any, Any]:
    """The stage's maps, and the gradient of the class's score there: float32 (B, h, w, channels) both."""
    import tensorflow as tf

    maps = parts.trunk(images, training=False)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(maps)
        score = chosen_scores(parts.rest(maps, training=False), classes)
    gradients = tape.gradient(score, maps)
    return tf.cast(maps, tf.float32), tf.cast(gradients, tf.float32)


def pixel_gradients(parts: Parts, images: Any, classes: Any) -> Any:
    """Gradient of the class's score in every pixel: float32 (B, side, side, 3)."""
    import tensorflow as tf

    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(images)
        score = chosen_scores(parts.whole(images, training=False), classes)
    return tf.cast(tape.gradient(score, images), tf.float32)
