"""Augmentations compiled once per process, for pages that show the same step repeatedly."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from bcc.augment.augmentation import Augmentation
from bcc.augment.keys import folded
from bcc.augment.recipe import Recipe, apply_step

if TYPE_CHECKING:
    import tensorflow as tf


def apply_compiled(
    augmentation: Augmentation, images: Any, labels: Any, keys: Any, parameters: Any = None
) -> tuple[tf.Tensor, tf.Tensor]:
    """`Augmentation.apply`, traced once a class and shape: another value, or another seed, costs no tracing.

    Args:
        augmentation: whose values count.
        images, labels, keys: as of `Augmentation.apply`; arrays or tensors.
        parameters: values to use in place of the augmentation's own, each () or (N,).
    """
    import tensorflow as tf

    values = augmentation.parameters() if parameters is None else parameters
    values = tf.nest.map_structure(lambda value: tf.convert_to_tensor(value, tf.float32), values)
    result: tuple[tf.Tensor, tf.Tensor] = _compiled(type(augmentation))(
        tf.convert_to_tensor(images, tf.float32),
        tf.convert_to_tensor(labels, tf.float32),
        tf.convert_to_tensor(keys, tf.int32),
        values,
    )
    return result


def apply_recipe_compiled(recipe: Recipe, images: Any, labels: Any, keys: Any) -> tuple[tf.Tensor, tf.Tensor]:
    """`Recipe.apply`, traced once for each class that stands in it: a new value or order costs no tracing."""
    import tensorflow as tf

    images, labels = tf.convert_to_tensor(images, tf.float32), tf.convert_to_tensor(labels, tf.float32)
    keys = tf.convert_to_tensor(keys, tf.int32)
    for place, step in recipe.active:
        values = tf.nest.map_structure(
            lambda value: tf.convert_to_tensor(value, tf.float32), step.augmentation.parameters()
        )
        chance = tf.constant(step.probability, tf.float32)
        images, labels = _compiled_step(type(step.augmentation))(
            images, labels, folded(keys, str(place)), values, chance
        )
    return images, labels


@functools.cache
def _compiled_step(kind: type[Augmentation]) -> Any:
    import tensorflow as tf

    def step(images: Any, labels: Any, keys: Any, values: Any, chance: Any) -> Any:
        return apply_step(kind, images, labels, keys, values, chance)

    return tf.function(step, autograph=False, jit_compile=False)


@functools.cache
def _compiled(kind: type[Augmentation]) -> Any:
    import tensorflow as tf

    return tf.function(kind.apply, autograph=False, jit_compile=False)
