"""Classes evened out while training: how often rows come, what they then look like, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from bcc.datasets import Dataset, load
from bcc.errors import UserError
from bcc.specs import check
from bcc.training import TrainConfig
from bcc.training.inputs.batches import Plan, plan_steps, training_batches
from bcc.training.inputs.frozen_features import VALIDATION, view_images
from bcc.training.inputs.oversampling import augment_chances, balanced_rows, rows_an_epoch, rows_per_class

LABELS = np.repeat([0, 1, 3], [40, 12, 5]).astype(np.int64)
ROWS = np.arange(57)


@given(st.integers(1, 120), st.integers(0, 50))
def test_each_class_comes_as_often_and_no_row_much_more_than_another(number: int, seed: int) -> None:
    rows, copies = balanced_rows(LABELS, ROWS, number, np.random.default_rng(seed))
    assert np.bincount(LABELS[rows], minlength=4).tolist() == [number, number, 0, number]
    for label in (0, 1, 3):
        times = np.bincount(rows, minlength=57)[label == LABELS]
        assert np.ptp(times) <= 1
    assert len(set(zip(rows, copies, strict=True))) == len(rows), "a row's repeats are numbered"
    assert (copies < np.bincount(rows)[rows]).all()


def balanced_plan(epochs: int = 2, seed: int = 0) -> Plan:
    return plan_steps(ROWS, 8, epochs, seed, labels=LABELS, per_class=40)


def test_an_epoch_is_drawn_by_seed_and_epoch_alone() -> None:
    plan, longer, other = balanced_plan(), balanced_plan(3), balanced_plan(seed=1)
    assert plan.steps_per_epoch == 120 // 8
    np.testing.assert_array_equal(plan.rows, longer.rows[:30])
    np.testing.assert_array_equal(plan.copies, longer.copies[:30])
    assert (plan.rows[:15] != plan.rows[15:]).any()
    assert (plan.rows != other.rows).any()


def test_fewer_rows_than_a_batch_are_one_batch() -> None:
    plan = plan_steps(ROWS, 64, 2, 0, labels=LABELS, per_class=2)
    assert plan.rows.shape == (2, 6)
    config = TrainConfig(oversample=True, rows_per_class=2)
    assert rows_an_epoch(LABELS, ROWS, config) == 6


def test_how_many_rows() -> None:
    assert rows_per_class(LABELS, ROWS, TrainConfig()) == 0
    assert rows_an_epoch(LABELS, ROWS, TrainConfig()) == 57
    assert rows_per_class(LABELS, ROWS, TrainConfig(oversample=True)) == 40
    assert rows_an_epoch(LABELS, ROWS, TrainConfig(oversample=True)) == 120


def images(
    plan: Plan, recipe: str, views: int = 0, chances: np.ndarray | None = None
) -> dict[tuple, np.ndarray]:
    """(epoch, row, copy) -> what training sees."""
    changed = np.random.default_rng(0).integers(0, 256, (57, 32, 32, 3)).astype(np.uint8)
    config = TrainConfig(image_size=32, recipe=recipe, views=views)
    weights = np.ones(4, np.float32)
    seen = {}
    batches = training_batches(changed, LABELS, weights, plan, config, 4, chances=chances)
    for (shown, _, _), rows, copies, epoch in zip(batches, plan.rows, plan.copies, plan.epochs, strict=True):
        for one, row, copy in zip(shown.numpy(), rows, copies, strict=True):
            seen[int(epoch), int(row), int(copy)] = one
            if recipe == "none":
                np.testing.assert_array_equal(one, changed[row])
    return seen


def test_a_row_that_comes_again_looks_different() -> None:
    seen = images(balanced_plan(1), "gentle")
    row = 56
    repeats = [seen[key] for key in seen if key[1] == row]
    assert len(repeats) == 8 or len(repeats) == 7
    # Eight turns and mirror images there are; seven draws that were one would be all alike.
    assert len({one.tobytes() for one in repeats}) >= 3


def test_fixed_views_are_taken_in_turn_by_repeats() -> None:
    seen = images(balanced_plan(2), "gentle", views=3)
    for (epoch, row, copy), one in seen.items():
        same = [other for (e, r, c), other in seen.items() if r == row and (e + c - epoch - copy) % 3 == 0]
        for other in same:
            np.testing.assert_array_equal(one, other)


def test_rare_classes_pass_the_recipe_more_often() -> None:
    chances = augment_chances(LABELS, ROWS, 4, 0.3)
    np.testing.assert_allclose(chances, [0.3, 1 - 0.7 * 7 / 35, 1, 1])
    np.testing.assert_array_equal(augment_chances(LABELS, ROWS, 4, 1.0), 1)
    np.testing.assert_array_equal(augment_chances(np.array([0, 1]), np.arange(2), 2, 0.2), [1, 1])
    plan = plan_steps(ROWS, 19, 30, 0)
    changed_images = images(plan, "none")
    changed = images(plan, "flips", chances=chances)
    share = [
        np.mean([(changed[key] != changed_images[key]).any() for key in changed if LABELS[key[1]] == label])
        for label in (0, 3)
    ]
    # Three of four draws of the recipe change an image.
    np.testing.assert_allclose(share, [0.75 * 0.3, 0.75], atol=0.08)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"oversample": True, "class_weights": True}, "choose one of them"),
        ({"rows_per_class": 5}, "set oversample to true"),
        ({"augment_common": 0.5, "views": 2}, "needs views 0"),
    ],
)
def test_what_makes_no_sense_together(values: dict[str, object], sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        check(TrainConfig, values, "the training config")


@pytest.fixture
def dataset(tiny_npz: object) -> Dataset:
    return load(tiny_npz())  # type: ignore[operator]


def test_a_share_of_the_validation_images_passes_its_recipe(dataset: Dataset) -> None:
    rows = np.arange(160)

    def changed(share: float) -> np.ndarray:
        config = TrainConfig(image_size=32, validation_recipe="flips", validation_share=share)
        shown = tf.convert_to_tensor(view_images(dataset, config, rows, VALIDATION)).numpy()
        return (shown != dataset.images[rows]).any(axis=(1, 2, 3))

    some, every = changed(0.5), changed(1.0)
    assert not changed(0.0).any()
    assert every.mean() == pytest.approx(0.75, abs=0.1)
    assert some.mean() == pytest.approx(0.375, abs=0.12)
    assert not (some & ~every).any(), "the same draws, for some of the images"
    np.testing.assert_array_equal(changed(0.5), some)
