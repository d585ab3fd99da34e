from __future__ import annotations

import numpy as np
import pytest

from bcc.augment import read_recipe
from bcc.augment.geometry import Flips, QuarterTurns


def turns(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """By how many quarters each image was turned, counter-clockwise."""
    forms = [np.rot90(before, k, axes=(1, 2)) for k in range(4)]
    matches = np.stack([(form == after).all(axis=(1, 2, 3)) for form in forms])
    assert (matches.sum(axis=0) == 1).all(), "every image is exactly one of its turns, none mirrored"
    return matches.argmax(axis=0)


def test_every_turn_is_as_likely(batch) -> None:
    counts = np.bincount(turns(batch.images, batch.through(QuarterTurns())), minlength=4)
    assert (np.abs(counts - 100) < 31).all(), counts


def test_probability_zero_is_identity(batch) -> None:
    np.testing.assert_array_equal(batch.through(QuarterTurns(probability=0)), batch.images)


def test_probability_is_kept(batch) -> None:
    found = turns(batch.images, batch.through(QuarterTurns(probability=0.4)))
    # A quarter of those that are turned at all are turned by nothing.
    assert np.mean(found > 0) == pytest.approx(0.4 * 0.75, abs=0.08)


def test_a_image_does_not_depend_on_its_batch(batch) -> None:
    whole = batch.through(QuarterTurns())
    order = np.random.default_rng(0).permutation(len(whole))[:37]
    np.testing.assert_array_equal(batch.through(QuarterTurns(), order), whole[order])


def test_steps_of_a_recipe_draw_apart(batch) -> None:
    """With the same keys, how an image is mirrored must tell nothing about how it is turned."""
    mirrored = (batch.through(Flips(horizontal=0.5, vertical=0)) != batch.images).any(axis=(1, 2, 3))
    found = turns(batch.images, batch.through(QuarterTurns()))
    table = np.histogram2d(mirrored, found, bins=[2, 4])[0]
    assert (np.abs(table - 50) < 24).all(), table


def test_gentle_reaches_all_eight_positions(batch) -> None:
    import tensorflow as tf

    one = np.broadcast_to(batch.images[:1], batch.images.shape)
    images, labels = read_recipe("gentle").apply(
        tf.constant(one), tf.constant(batch.labels), tf.constant(batch.keys)
    )
    np.testing.assert_array_equal(labels.numpy(), batch.labels)
    positions, counts = np.unique(images.numpy().reshape(len(one), -1), axis=0, return_counts=True)
    assert len(positions) == 8
    assert counts.min() > 20
