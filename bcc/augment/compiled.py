"""Augmentations compiled once for each process, for pages that show the same step again and again."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from bcc.augment.augmentation import Augmentation

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
    return _compiled(type(augmentation))(
        tf.convert_to_tensor(images, tf.float32),
        tf.convert_to_tensor(labels, tf.float32),
        tf.convert_to_tensor(keys, tf.int32),
        values,
    )


@functools.cache
def _compiled(kind: type[Augmentation]) -> Any:
    import tensorflow as tf

    return tf.function(kind.apply, autograph=False, jit_compile=False)
