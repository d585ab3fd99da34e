"""Feed training: which rows each step sees, read from disk, resized and augmented while the last step
runs. Order and draws derive from (seed, epoch, row), so a resumed run sees what it would have seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from bcc.augment import picture_keys, read_recipe
from bcc.models.resizing import resize_batch
from bcc.training.config import TrainConfig

if TYPE_CHECKING:
    import tensorflow as tf


@dataclass(frozen=True)
class Plan:
    """The rows of every step of a run.

    Attributes:
        rows: int64 (steps, batch).
        epochs: int64 (steps,), the epoch, counted from 0, that a step belongs to.
        steps_per_epoch: steps an epoch.
    """

    rows: np.ndarray
    epochs: np.ndarray
    steps_per_epoch: int


def plan_steps(train_rows: np.ndarray, batch_size: int, epochs: int, seed: int, first_epoch: int = 0) -> Plan:
    """Shuffle the training rows anew for each epoch.

    A batch is always full, so that a compiled step has one shape: the few rows left over at the end of
    an epoch wait for the next one, where the order is another.

    Args:
        train_rows: rows to learn from.
        batch_size: pictures a step; all rows where there are fewer.
        epochs: how many to plan.
        seed: decides the orders.
        first_epoch: number of the first one, so that a later phase sees other orders and draws.
    """
    batch_size = min(batch_size, len(train_rows))
    steps = len(train_rows) // batch_size
    orders = [
        np.random.default_rng((seed, epoch)).permutation(train_rows)[: steps * batch_size]
        for epoch in range(first_epoch, first_epoch + epochs)
    ]
    rows = np.concatenate(orders).reshape(epochs * steps, batch_size).astype(np.int64)
    return Plan(rows, first_epoch + np.repeat(np.arange(epochs), steps), steps)


def view_of(epoch: int, config: TrainConfig) -> int:
    """Which view of every picture an epoch looks at; draws derive from it."""
    return epoch % config.views if config.views else epoch


def training_batches(
    images: np.ndarray,
    labels: np.ndarray,
    row_weights: np.ndarray,
    plan: Plan,
    config: TrainConfig,
    classes: int,
    first_step: int = 0,
) -> tf.data.Dataset:
    """Batches of a run from `first_step` on.

    Args:
        images: uint8 (N, H, W, 3), memory-mapped.
        labels: int64 (N,).
        row_weights: float32 (N,), how much each row counts in the loss.
        plan: rows a step.
        config: image size, recipe and seed.
        classes: number of classes.
        first_step: of the plan.

    Returns:
        A data set of (pictures float32 (B, S, S, 3) in 0..255, labels float32 (B, classes), weights
        float32 (B,)).
    """
    import tensorflow as tf

    side, batch = config.image_size, plan.rows.shape[1]
    recipe = read_recipe(config.recipe)

    def read(rows: np.ndarray, epoch: np.ndarray) -> tuple[np.ndarray, ...]:
        # Sorted reads walk the file forwards; pages of a memory map come in faster that way.
        order = np.argsort(rows)
        pictures = np.empty((batch, *images.shape[1:]), np.uint8)
        pictures[order] = images[rows[order]]
        return (
            resize_batch(pictures, side),
            labels[rows].astype(np.int64),
            row_weights[rows].astype(np.float32),
            picture_keys(config.seed, view_of(int(epoch), config), rows),
        )

    def load(rows: Any, epoch: Any) -> tuple[Any, ...]:
        types = (tf.uint8, tf.int64, tf.float32, tf.int32)
        pictures, label, weight, keys = tf.numpy_function(read, [rows, epoch], types)
        pictures.set_shape((batch, side, side, 3))
        label.set_shape((batch,))
        weight.set_shape((batch,))
        keys.set_shape((batch, 2))
        return pictures, label, weight, keys

    def augment(pictures: Any, label: Any, weight: Any, keys: Any) -> tuple[Any, ...]:
        one_hot = tf.one_hot(label, classes)
        pictures, one_hot = recipe.apply(tf.cast(pictures, tf.float32), one_hot, keys)
        return tf.ensure_shape(pictures, (batch, side, side, 3)), one_hot, weight

    steps = tf.data.Dataset.from_tensor_slices((plan.rows[first_step:], plan.epochs[first_step:]))
    # Several batches are augmented at once, and come out in order: a draw depends on its key alone.
    return steps.map(load).map(augment, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True).prefetch(2)
