from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from bcc.augment import Recipe, Step, image_keys, read_recipe
from bcc.augment.geometry import Flips, Rotation
from bcc.augment.previews import (
    difference,
    images_per_second,
    several_draws,
    strength_sweep,
    training_sheet,
)

ROWS = np.array([3, 14, 15, 92])
LABELS = np.array([0, 1, 2, 0])


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (4, 20, 20, 3)).astype(np.uint8)


def test_every_draw_is_another_epoch(images: np.ndarray) -> None:
    shown = several_draws(Flips(), images, LABELS, ROWS, 3, draws=5, seed=7)
    assert shown.images.shape == (5, 4, 20, 20, 3)
    assert shown.labels.shape == (5, 4, 3)
    for draw in range(5):
        wanted, _ = Flips()(
            tf.constant(images, tf.float32), tf.eye(4), tf.constant(image_keys(7, draw, ROWS))
        )
        np.testing.assert_array_equal(shown.images[draw], wanted.numpy().astype(np.uint8))


def test_a_sweep_goes_from_the_cell_itself_to_the_whole_strength(images: np.ndarray) -> None:
    strengths = (0.0, 0.5, 1.0)
    swept = strength_sweep(Rotation(), images[0], 3, strengths, seed=1)
    np.testing.assert_array_equal(swept[0], images[0])
    for strength, image in zip(strengths, swept, strict=True):
        alone = several_draws(
            Rotation().at_strength(strength), images[:1], LABELS[:1], ROWS[:1], 3, 1, seed=1
        )
        np.testing.assert_array_equal(image, alone.images[0, 0])


def test_the_sheet_is_what_training_sees(images: np.ndarray) -> None:
    steps = (Step(augmentation=Flips(), probability=0.6), Step(augmentation=Rotation(), probability=0.5))
    for recipe in (Recipe(steps=steps), read_recipe("gentle"), Recipe()):
        sheet = training_sheet(recipe, images, LABELS, ROWS, 3, seed=5, epoch=2)
        one_hot = tf.one_hot(LABELS, 3)
        wanted, labels = recipe.apply(
            tf.constant(images, tf.float32), one_hot, tf.constant(image_keys(5, 2, ROWS))
        )
        np.testing.assert_array_equal(sheet.images[0], np.rint(wanted.numpy()).astype(np.uint8))
        np.testing.assert_array_equal(sheet.labels[0], labels.numpy())


def test_no_difference_is_grey() -> None:
    before = np.array([[[0, 100, 255]]], np.uint8)
    assert (difference(before, before) == 128).all()
    assert difference(before, np.array([[[255, 100, 0]]], np.uint8)).tolist() == [[[255, 128, 0]]]


def test_the_cost_of_a_recipe_is_a_speed() -> None:
    assert images_per_second(read_recipe("gentle"), (16, 16), batch=8, batches=2, classes=3) > 0
