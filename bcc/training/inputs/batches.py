"""Feed training: which rows each step sees, read from disk, resized and augmented while the last step
runs. Order and draws derive from (seed, epoch, row), so a resumed run sees what it would have seen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from bcc.augment import image_keys, read_recipe
from bcc.augment.keys import uniform
from bcc.models.resizing import resize_batch
from bcc.training.config.train_config import TrainConfig
from bcc.training.inputs.oversampling import balanced_rows

if TYPE_CHECKING:
    import tensorflow as tf


@dataclass(frozen=True)
class Plan:
    """The rows of every step of a run.

    Attributes:
        rows: int64 (steps, batch).
        epochs: int64 (steps,), the epoch, counted from 0, that a step belongs to.
        steps_per_epoch: steps an epoch.
        copies: int64 (steps, batch), how often a row came before in its epoch; another draw each time.
    """

    rows: np.ndarray
    epochs: np.ndarray
    steps_per_epoch: int
    copies: np.ndarray

    def until(self, end: int) -> Plan:
        """The same plan without the steps from `end` on."""
        return replace(self, rows=self.rows[:end], epochs=self.epochs[:end], copies=self.copies[:end])


def plan_steps(
    train_rows: np.ndarray,
    batch_size: int,
    epochs: int,
    seed: int,
    first_epoch: int = 0,
    *,
    labels: np.ndarray | None = None,
    per_class: int = 0,
) -> Plan:
    """Shuffle the training rows anew for each epoch.

    A batch is always full, so that a compiled step has one shape: the few rows left over at the end of
    an epoch wait for the next one, where the order is another.

    Args:
        train_rows: rows to learn from.
        batch_size: images a step; all rows where there are fewer.
        epochs: how many to plan.
        seed: decides the orders.
        first_epoch: number of the first one, so that a later phase sees other orders and draws.
        labels: int64 (N,), of all rows; needed to balance.
        per_class: rows of each class in an epoch; 0 shows every training row once.
    """
    rows, copies = [], []
    for epoch in range(first_epoch, first_epoch + epochs):
        rng = np.random.default_rng((seed, epoch))
        if labels is not None and per_class:
            drawn, copy = balanced_rows(labels, train_rows, per_class, rng)
            order = rng.permutation(len(drawn))
            drawn, copy = drawn[order], copy[order]
        else:
            drawn, copy = rng.permutation(train_rows), np.zeros(len(train_rows), np.int64)
        batch = min(batch_size, len(drawn))
        whole = len(drawn) // batch * batch
        rows.append(drawn[:whole].reshape(-1, batch))
        copies.append(copy[:whole].reshape(-1, batch))
    steps = len(rows[0])
    return Plan(
        np.concatenate(rows).astype(np.int64),
        first_epoch + np.repeat(np.arange(epochs), steps),
        steps,
        np.concatenate(copies).astype(np.int64),
    )


def view_of(epoch: int, config: TrainConfig, copies: np.ndarray) -> np.ndarray:
    """Which view of every image an epoch looks at, int64 like `copies`; draws derive from it."""
    # Epochs are far fewer, so that a repeated row shares no draw with a later epoch.
    return (epoch + copies) % config.views if config.views else epoch + copies * 2**32


def training_batches(
    images: np.ndarray,
    labels: np.ndarray,
    class_weights: np.ndarray,
    plan: Plan,
    config: TrainConfig,
    classes: int,
    first_step: int = 0,
    chances: np.ndarray | None = None,
) -> tf.data.Dataset:
    """Batches of a run from `first_step` on.

    Args:
        images: uint8 (N, H, W, 3), memory-mapped.
        labels: int64 (N,).
        class_weights: float32 (classes,), how much an image of each class counts in the loss; a mixed one
            counts by the shares of its label.
        plan: rows a step.
        config: image size, recipe and seed.
        classes: number of classes.
        first_step: of the plan.
        chances: float32 (classes,), chance of each class's images to pass the recipe; certain when missing.

    Returns:
        A dataset of (images float32 (B, S, S, 3) in 0..255, labels float32 (B, classes), weights
        float32 (B,)).
    """
    import tensorflow as tf

    side, batch = config.image_size, plan.rows.shape[1]
    recipe = read_recipe(config.recipe)

    def read(rows: np.ndarray, epoch: np.ndarray, copies: np.ndarray) -> tuple[np.ndarray, ...]:
        # Sorted reads walk the file forwards; pages of a memory map come in faster that way.
        order = np.argsort(rows)
        batch_images = np.empty((batch, *images.shape[1:]), np.uint8)
        batch_images[order] = images[rows[order]]
        return (
            resize_batch(batch_images, side),
            labels[rows].astype(np.int64),
            image_keys(config.seed, view_of(int(epoch), config, copies), rows),
        )

    def load(rows: Any, epoch: Any, copies: Any) -> tuple[Any, ...]:
        types = (tf.uint8, tf.int64, tf.int32)
        batch_images, label, keys = tf.numpy_function(read, [rows, epoch, copies], types)
        batch_images.set_shape((batch, side, side, 3))
        label.set_shape((batch,))
        keys.set_shape((batch, 2))
        return batch_images, label, keys

    def augment(batch_images: Any, label: Any, keys: Any) -> tuple[Any, ...]:
        batch_images, one_hot = tf.cast(batch_images, tf.float32), tf.one_hot(label, classes)
        changed, answers = recipe.apply(batch_images, one_hot, keys)
        if chances is not None:
            passes = uniform(keys, 1, "passes the recipe")[:, 0] < tf.gather(chances, label)
            changed = tf.where(passes[:, None, None, None], changed, batch_images)
            answers = tf.where(passes[:, None], answers, one_hot)
        weights = tf.linalg.matvec(answers, tf.constant(class_weights, tf.float32))
        return tf.ensure_shape(changed, (batch, side, side, 3)), answers, weights

    steps = tf.data.Dataset.from_tensor_slices(
        (plan.rows[first_step:], plan.epochs[first_step:], plan.copies[first_step:])
    )
    # Several batches are augmented at once, and come out in order: a draw depends on its key alone.
    return steps.map(load).map(augment, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True).prefetch(2)
