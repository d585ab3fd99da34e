"""Base of all steps that call a layer of keras-cv.

keras-cv draws from its own generators, which know nothing of images. Here every draw derives from the
image's key: either a step draws the parameters and hands them to the layer's own `augment_images`, or the
layer draws by itself and its generator is a `Draws`. keras-cv is imported when a step is used, never before.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from bcc.augment.augmentation import Augmentation, Parameters
from bcc.augment.batch import per_image
from bcc.augment.keys import folded

if TYPE_CHECKING:
    import tensorflow as tf

Layer = TypeVar("Layer")

# keras-cv swaps its operations for TensorFlow's while a layer is called, for all threads at once.
_building = threading.RLock()


class KerasCvStep(Augmentation):
    """Base of the steps that call keras-cv.

    keras-cv reads the size of images from their static shape. Where a graph does not know it, the step runs
    outside the graph, batch by batch: the same images, a little slower. Training knows its size.
    """

    @classmethod
    def apply(
        cls, images: tf.Tensor, labels: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tuple[tf.Tensor, tf.Tensor]:
        import tensorflow as tf

        images, labels = tf.convert_to_tensor(images), tf.convert_to_tensor(labels)
        if images.shape[1:3].is_fully_defined():
            with _building:
                changed, shares = cls.change(images, labels, keys, parameters)
            return tf.clip_by_value(changed, 0.0, 255.0), shares

        def outside(images: Any, labels: Any, keys: Any, *values: Any) -> Any:
            return cls.apply(images, labels, keys, tf.nest.pack_sequence_as(parameters, values))

        changed, shares = tf.py_function(
            outside, [images, labels, keys, *tf.nest.flatten(parameters)], (tf.float32, tf.float32)
        )
        return tf.ensure_shape(changed, images.shape), tf.ensure_shape(shares, labels.shape)

    @classmethod
    def change(
        cls, images: tf.Tensor, labels: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """`apply` for images of a known size; values may leave 0..255 a little."""
        raise NotImplementedError


def made(build: Callable[[Any], Layer]) -> Layer:
    """A layer of keras-cv, made from `keras_cv.layers`; it takes a few milliseconds.

    Layers hold TensorFlow's global generator, whose variable must not be born in a graph; they never draw
    from it here.
    """
    import tensorflow as tf

    with tf.init_scope():
        from keras_cv import layers

        tf.random.get_global_generator()
    return build(layers)


def one_by_one(
    change: Callable[..., tf.Tensor], images: tf.Tensor, keys: tf.Tensor, values: Sequence[Any] = ()
) -> tf.Tensor:
    """Change images one after the other, for layers that know a single image only.

    Args:
        change: from (image (H, W, 3), its key (2,), its value of each of `values`) to an image.
        images: float32 (N, H, W, 3).
        keys: int32 (N, 2).
        values: parameters, float32 () or (N,) each.
    """
    import tensorflow as tf

    each = [per_image(value, images) for value in values]
    shape = tf.TensorSpec(images.shape[1:], tf.float32)
    return tf.map_fn(lambda part: change(*part), (images, keys, *each), fn_output_signature=shape)


class Draws:
    """Replaces the generator of a layer: all its draws derive from one image's key.

    Draws are distinguished by the layer's name, the turn (how often the layers were drawn from) and their
    number within it, so that a layer draws the same whether or not others were drawn before it.

    Args:
        key: int32 (2,), the image's.
        name: of the layer.
        turn: shared by the layers of one policy, which counts it up.
    """

    def __init__(self, key: tf.Tensor, name: str, turn: Turn | None = None) -> None:
        self._key, self._name = key, name
        self._turn = turn or Turn()
        self._seen, self._number = self._turn.number, 0

    def uniform(self, shape: Any = (), minval: Any = 0, maxval: Any = 1, dtype: Any = None) -> tf.Tensor:
        """As `tf.random.Generator.uniform`: from `minval` on, below `maxval`."""
        import tensorflow as tf

        draw = tf.random.stateless_uniform(shape, self._next())
        if dtype is not None and tf.as_dtype(dtype).is_integer:
            low, high = tf.cast(minval, tf.float32), tf.cast(maxval, tf.float32)
            return tf.cast(tf.minimum(tf.floor(low + draw * (high - low)), high - 1), dtype)
        return tf.cast(minval + draw * (maxval - minval), dtype or tf.float32)

    def normal(self, shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = None) -> tf.Tensor:
        """As `tf.random.Generator.normal`."""
        import tensorflow as tf

        return tf.cast(mean + stddev * tf.random.stateless_normal(shape, self._next()), dtype or tf.float32)

    def between(self, low: Any, high: Any) -> Any:
        """A factor for a layer of keras-cv, drawn evenly from `low` to `high`, float32 () both."""
        return _factor_class()(self, low, high)

    def given_to(self, layer: Layer) -> Layer:
        """The layer, which draws from here from now on."""
        layer._random_generator = self  # type: ignore[attr-defined]
        return layer

    def _next(self) -> tf.Tensor:
        if self._seen != self._turn.number:
            self._seen, self._number = self._turn.number, 0
        self._number += 1
        return folded(self._key[None], f"{self._name} {self._seen} {self._number}")[0]


class Turn:
    """How often the layers of a policy were drawn from."""

    def __init__(self) -> None:
        self.number = 0


class PolicyDraws(Draws):
    """The draws of a policy itself: with each first one a turn begins."""

    def begin(self) -> None:
        """Count up the turn."""
        self._turn.number += 1

    def uniform(self, shape: Any = (), minval: Any = 0, maxval: Any = 1, dtype: Any = None) -> tf.Tensor:
        self.begin()
        return super().uniform(shape, minval, maxval, dtype)


@functools.cache
def _factor_class() -> Any:
    from keras_cv.core import FactorSampler

    class Between(FactorSampler):
        """keras-cv's form of a range, drawn by the image's key."""

        def __init__(self, draws: Draws, low: Any, high: Any) -> None:
            self._draws, self._low, self._high = draws, low, high

        def __call__(self, shape: Any = (), dtype: Any = np.float32) -> Any:
            return self._draws.uniform(() if shape is None else shape, self._low, self._high, dtype)

    return Between
