"""Previews of augmentations: several draws, a sweep of strengths, a sheet of training images."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bcc.augment.augmentation import Augmentation
from bcc.augment.compiled import apply_compiled, apply_recipe_compiled
from bcc.augment.keys import image_keys
from bcc.augment.recipe import Recipe


@dataclass(frozen=True)
class AugmentedGrid:
    """Augmented images in rows.

    Attributes:
        images: uint8 (L, N, H, W, 3), a line a draw or strength, a column a cell.
        labels: float32 (L, N, K), the labels that the model is trained with.
    """

    images: np.ndarray
    labels: np.ndarray


def several_draws(
    augmentation: Augmentation,
    images: np.ndarray,
    labels: np.ndarray,
    rows: np.ndarray,
    classes: int,
    draws: int,
    seed: int,
) -> AugmentedGrid:
    """Augment the same cells several times, each row as in another epoch.

    Args:
        augmentation: with its values.
        images: uint8 (N, H, W, 3); with a mixing augmentation they are one another's partners.
        labels: int (N,).
        rows: int (N,), where the cells stand in their set: their keys derive from it.
        classes: K.
        draws: lines.
        seed: of every draw.
    """
    one_hot = np.eye(classes, dtype=np.float32)[labels]
    keys = np.stack([image_keys(seed, draw, rows) for draw in range(draws)])
    if augmentation.topic == "mixing":
        # Partners are those of one line.
        lines = [apply_compiled(augmentation, images, one_hot, of_line) for of_line in keys]
        return _shown([one[0] for one in lines], [one[1] for one in lines], (draws, *images.shape))
    changed, mixed = apply_compiled(
        augmentation,
        np.tile(images, (draws, 1, 1, 1)),
        np.tile(one_hot, (draws, 1)),
        keys.reshape(-1, 2),
    )
    return _shown(changed, mixed, (draws, *images.shape))


def strength_sweep(
    augmentation: Augmentation,
    image: np.ndarray,
    row: int,
    strengths: Sequence[float],
    seed: int,
) -> np.ndarray:
    """Augment cells from zero to full strength, with the same draw throughout.

    Args:
        augmentation: its own values are strength 1. Not a mixing one.
        image: uint8 (H, W, 3).
        row: where the cell stands in its set.
        strengths: 0..1 each.
        seed: of the draw.

    Returns:
        uint8 (len(strengths), H, W, 3).
    """
    import tensorflow as tf

    number = len(strengths)
    each = [augmentation.at_strength(strength).parameters() for strength in strengths]
    values = tf.nest.map_structure(lambda *of: np.stack(of).astype(np.float32), *each)
    keys = np.repeat(image_keys(seed, 0, np.array([row])), number, axis=0)
    images = np.repeat(image[None], number, axis=0)
    changed, _ = apply_compiled(augmentation, images, np.ones((number, 1)), keys, values)
    return _bytes(changed)


def training_sheet(
    recipe: Recipe,
    images: np.ndarray,
    labels: np.ndarray,
    rows: np.ndarray,
    classes: int,
    seed: int,
    epoch: int = 0,
) -> AugmentedGrid:
    """A batch exactly as a model with this seed sees it in this epoch: one line."""
    one_hot = np.eye(classes, dtype=np.float32)[labels]
    changed, mixed = apply_recipe_compiled(recipe, images, one_hot, image_keys(seed, epoch, rows))
    return _shown(changed, mixed, (1, *images.shape))


def difference(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Return the difference: grey where nothing has changed, otherwise lighter or darker by half the change.

    Args:
        before, after: uint8, shapes that fit.
    """
    result: np.ndarray = np.clip(128 + (after.astype(np.int16) - before) // 2, 0, 255).astype(np.uint8)
    return result


def images_per_second(
    recipe: Recipe, size: tuple[int, int], batch: int = 64, batches: int = 12, classes: int = 8
) -> float:
    """Measure the images per second of a recipe in the pipeline that feeds training.

    Args:
        recipe: what to measure.
        size: height and width of the images.
        batch: images a step.
        batches: steps to measure, after two that are not counted.
    """
    import tensorflow as tf

    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (batch, *size, 3)).astype(np.float32)
    labels = np.eye(classes, dtype=np.float32)[np.arange(batch) % classes]
    keys = np.stack([image_keys(0, step, np.arange(batch)) for step in range(batches + 2)])
    batch_images, one_hot = tf.constant(images), tf.constant(labels)

    def augment(of_step: Any) -> Any:
        return recipe.apply(batch_images, one_hot, tf.ensure_shape(of_step, (batch, 2)))

    steps = tf.data.Dataset.from_tensor_slices(keys).map(augment, num_parallel_calls=2).prefetch(1)
    started = 0.0
    for step, _ in enumerate(steps):
        if step == 1:
            started = time.perf_counter()
    return batches * batch / (time.perf_counter() - started)


def _shown(images: Any, labels: Any, shape: tuple[int, ...]) -> AugmentedGrid:
    return AugmentedGrid(_bytes(images).reshape(shape), np.asarray(labels).reshape(*shape[:2], -1))


def _bytes(images: Any) -> np.ndarray:
    result: np.ndarray = np.clip(np.rint(np.asarray(images)), 0, 255).astype(np.uint8)
    return result
