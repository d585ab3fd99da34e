"""Batches whose images are treated differently: one value per image, and steps applied to some images."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import tensorflow as tf


def per_image(value: Any, images: tf.Tensor) -> tf.Tensor:
    """Broadcast a parameter to one value per image.

    Args:
        value: float32 () or (N,).
        images: (N, ...), or N itself.

    Returns:
        float32 (N,).
    """
    import tensorflow as tf

    number = tf.shape(images)[0] if len(getattr(images, "shape", ())) else images
    return tf.broadcast_to(tf.reshape(tf.cast(value, tf.float32), [-1]), [number])


def over_pixels(values: tf.Tensor) -> tf.Tensor:
    """(N,) as (N, 1, 1, 1), to calculate with images."""
    return values[:, None, None, None]


def rows_of(parameters: Any, rows: tf.Tensor) -> Any:
    """The parameters of some images of a batch: those of shape () stay, (N,) are gathered.

    Args:
        parameters: name -> float32 () or (N,), nested as a policy nests them.
        rows: int (M,), which images.
    """
    import tensorflow as tf

    def some(value: Any) -> Any:
        value = tf.convert_to_tensor(value)
        return value if value.shape.rank == 0 else tf.gather(value, rows)

    return tf.nest.map_structure(some, parameters)


def change_some(
    chosen: tf.Tensor, images: tf.Tensor, change: Callable[[tf.Tensor, tf.Tensor], tf.Tensor]
) -> tf.Tensor:
    """Change the chosen images and leave the others unchanged bit for bit.

    Only the chosen ones are computed, and nothing at all where there are none.

    Args:
        chosen: bool (N,).
        images: float32 (N, H, W, 3).
        change: from (images of the chosen, their rows int64 (M,)) to images of the same shape; M >= 1.

    Returns:
        float32 (N, H, W, 3).
    """
    import tensorflow as tf

    chosen = tf.ensure_shape(chosen, [None])
    rows = tf.where(chosen)[:, 0]

    def changed() -> Any:
        part = change(tf.gather(images, rows), rows)
        return tf.tensor_scatter_nd_update(images, rows[:, None], part)

    result = tf.cond(tf.reduce_any(chosen), changed, lambda: tf.identity(images))
    return tf.ensure_shape(result, images.shape)


def change_by_choice(
    choice: tf.Tensor,
    images: tf.Tensor,
    changes: Sequence[Callable[[tf.Tensor, tf.Tensor], tf.Tensor] | None],
) -> tf.Tensor:
    """Apply one of several changes to each image; every change is computed only on the images that need it.

    Args:
        choice: int32 (N,), places in `changes`.
        images: float32 (N, H, W, 3).
        changes: each as in `change_some`; `None` leaves its images as they are.

    Returns:
        float32 (N, H, W, 3).
    """
    import tensorflow as tf

    number = len(changes)
    rows = tf.dynamic_partition(tf.range(tf.shape(images)[0]), choice, number)
    parts = tf.dynamic_partition(images, choice, number)
    changed = []
    for change, part, its_rows in zip(changes, parts, rows, strict=True):
        if change is not None:
            part = _unless_empty(change, part, its_rows)
        changed.append(part)
    return tf.ensure_shape(tf.dynamic_stitch(rows, changed), images.shape)


def _unless_empty(
    change: Callable[[tf.Tensor, tf.Tensor], tf.Tensor], part: tf.Tensor, rows: tf.Tensor
) -> tf.Tensor:
    import tensorflow as tf

    return tf.cond(tf.size(rows) > 0, lambda: change(part, rows), lambda: tf.identity(part))
