from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from bcc.augment import RECIPE_NAMES, RECIPES, apply_recipe, picture_keys


@pytest.mark.parametrize("name", RECIPE_NAMES)
def test_a_recipe_keeps_shape_type_range_and_labels(name: str) -> None:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (16, 12, 12, 3)).astype(np.float32)
    labels = np.eye(4, dtype=np.float32)[np.arange(16) % 4]
    keys = picture_keys(0, 0, np.arange(16))
    changed, same = apply_recipe(name, tf.constant(images), tf.constant(labels), tf.constant(keys))
    assert changed.shape == images.shape
    assert changed.dtype == tf.float32
    assert changed.numpy().min() >= 0
    assert changed.numpy().max() <= 255
    np.testing.assert_array_equal(same.numpy(), labels)


def test_none_changes_nothing() -> None:
    images = tf.random.stateless_uniform((4, 8, 8, 3), (0, 0)) * 255
    labels = tf.eye(4)
    changed, _ = apply_recipe("none", images, labels, tf.zeros((4, 2), tf.int32))
    np.testing.assert_array_equal(changed.numpy(), images.numpy())


@pytest.mark.parametrize("name", ["flips", "gentle"])
def test_another_epoch_shows_other_pictures(name: str) -> None:
    images = tf.random.stateless_uniform((64, 8, 8, 3), (0, 0)) * 255
    labels = tf.one_hot(tf.zeros(64, tf.int32), 2)
    rows = np.arange(64)
    first, again, next_epoch = (
        apply_recipe(name, images, labels, tf.constant(picture_keys(0, epoch, rows)))[0].numpy()
        for epoch in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, again)
    differ = (first != next_epoch).any(axis=(1, 2, 3)).mean()
    assert differ > 0.6


def test_every_name_has_a_recipe() -> None:
    assert set(RECIPES) == set(RECIPE_NAMES)
