from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bcc.augment import image_keys, read_recipe
from bcc.models.resizing import resize_batch
from bcc.training import TrainConfig
from bcc.training.inputs.batches import plan_steps, training_batches, view_of


@given(
    st.lists(st.integers(0, 500), min_size=1, max_size=90, unique=True),
    st.integers(1, 100),
    st.integers(1, 5),
    st.integers(0, 3),
)
def test_an_epoch_is_a_permutation(rows: list[int], batch_size: int, epochs: int, seed: int) -> None:
    train_rows = np.array(rows)
    plan = plan_steps(train_rows, batch_size, epochs, seed)
    batch = min(batch_size, len(rows))
    assert plan.steps_per_epoch == len(rows) // batch
    assert plan.rows.shape == (epochs * plan.steps_per_epoch, batch)
    for epoch in range(epochs):
        seen = plan.rows[plan.epochs == epoch].ravel()
        assert len(seen) == len(set(seen)) == plan.steps_per_epoch * batch, "no row comes twice"
        assert set(seen) <= set(rows)
        assert len(rows) - len(seen) < batch, "fewer than a batch wait for the next epoch"
    again = plan_steps(train_rows, batch_size, epochs, seed)
    np.testing.assert_array_equal(plan.rows, again.rows)


def test_the_order_differs_between_epochs_and_seeds() -> None:
    plan, other = (plan_steps(np.arange(40), 10, 2, seed) for seed in (0, 1))
    assert not np.array_equal(plan.rows[:4], plan.rows[4:])
    assert not np.array_equal(plan.rows, other.rows)


def test_more_epochs_begin_with_the_same_steps() -> None:
    short, long = (plan_steps(np.arange(33), 8, epochs, 5) for epochs in (2, 4))
    np.testing.assert_array_equal(long.rows[: len(short.rows)], short.rows)


def test_every_row_gets_its_turn() -> None:
    """Rows left over in one epoch are not the same ones in the next."""
    plan = plan_steps(np.arange(15), 8, 12, 0)
    assert set(plan.rows.ravel()) == set(range(15))


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (30, 40, 40, 3), dtype=np.uint8)


LABELS = np.arange(30, dtype=np.int64) % 3
WEIGHTS = np.array([0.5, 1, 1.75], np.float32)


def batches(images: np.ndarray, config: TrainConfig, first_step: int = 0) -> list[tuple[np.ndarray, ...]]:
    plan = plan_steps(np.arange(2, 28), config.batch_size, config.epochs, config.seed)
    made = training_batches(images, LABELS, WEIGHTS, plan, config, 3, first_step)
    return [tuple(part.numpy() for part in batch) for batch in made]


def test_a_batch_holds_the_planned_rows(images: np.ndarray) -> None:
    config = TrainConfig(image_size=32, batch_size=8, epochs=2, recipe="none")
    plan = plan_steps(np.arange(2, 28), 8, 2, 0)
    made = batches(images, config)
    assert len(made) == len(plan.rows) == 6
    for (batch, labels, weights), rows in zip(made, plan.rows, strict=True):
        assert batch.dtype == np.float32
        np.testing.assert_array_equal(batch, resize_batch(images[rows], 32))
        np.testing.assert_array_equal(labels, np.eye(3)[LABELS[rows]])
        np.testing.assert_array_equal(weights, WEIGHTS[LABELS[rows]])


def test_a_mixed_image_counts_as_the_classes_in_it_do(images: np.ndarray, tmp_path: Path) -> None:
    recipe = tmp_path / "mixed.json"
    recipe.write_text('{"steps": [{"augmentation": "mixup", "parameters": {"alpha": 2.0}}]}')
    config = TrainConfig(image_size=32, batch_size=8, epochs=2, recipe=str(recipe))
    shares = np.concatenate([labels for _, labels, _ in batches(images, config)])
    weights = np.concatenate([one for *_, one in batches(images, config)])
    assert (shares.max(axis=1) < 0.9).any(), "some images are mixed"
    np.testing.assert_allclose(weights, shares @ WEIGHTS, rtol=1e-6)


def test_every_row_is_augmented_by_its_own_key(images: np.ndarray) -> None:
    config = TrainConfig(image_size=32, batch_size=8, epochs=2, recipe="gentle", seed=9)
    plan = plan_steps(np.arange(2, 28), 8, 2, 9)
    for (batch, *_), rows, epoch in zip(batches(images, config), plan.rows, plan.epochs, strict=True):
        plain = resize_batch(images[rows], 32).astype(np.float32)
        one_hot = np.eye(3, dtype=np.float32)[LABELS[rows]]
        expected, _ = read_recipe("gentle").apply(plain, one_hot, image_keys(9, epoch, rows))
        np.testing.assert_array_equal(batch, expected.numpy())


def test_a_resumed_run_sees_what_it_would_have_seen(images: np.ndarray) -> None:
    config = TrainConfig(image_size=32, batch_size=8, epochs=2, recipe="gentle")
    whole, rest = batches(images, config), batches(images, config, first_step=4)
    assert len(rest) == 2
    for one, other in zip(whole[4:], rest, strict=True):
        for mine, wanted in zip(one, other, strict=True):
            np.testing.assert_array_equal(mine, wanted)


def test_nothing_is_left_after_the_last_step(images: np.ndarray) -> None:
    config = TrainConfig(image_size=32, batch_size=8, epochs=2)
    assert batches(images, config, first_step=6) == []


def test_no_copy_draws_what_another_epoch_draws() -> None:
    """A row that comes five times an epoch looks otherwise each time, for as many epochs as there may be."""
    config, copies = TrainConfig(views=0), np.arange(5)
    epochs = [*range(300), 2999]
    seen = np.stack([view_of(epoch, config, copies) for epoch in epochs])
    assert len(np.unique(seen)) == len(epochs) * 5
    np.testing.assert_array_equal(seen[:, 0], epochs)
    keys = np.concatenate([image_keys(0, draws, np.full(5, 7)) for draws in seen])
    assert len(np.unique(keys, axis=0)) == len(keys)


def test_with_fixed_views_copies_take_turns() -> None:
    config = TrainConfig(views=3)
    np.testing.assert_array_equal(view_of(4, config, np.arange(4)), [1, 2, 0, 1])


def test_copies_are_augmented_by_keys_of_their_own(images: np.ndarray) -> None:
    config = TrainConfig(image_size=32, batch_size=8, epochs=2, recipe="flips", seed=9)
    plan = plan_steps(np.arange(4), 8, 2, 9, labels=LABELS, per_class=8)
    made = training_batches(images, LABELS, WEIGHTS, plan, config, 3)
    assert plan.copies.max() > 1
    for (batch, *_), rows, epoch, copies in zip(made, plan.rows, plan.epochs, plan.copies, strict=True):
        keys = image_keys(9, epoch + copies * 2**32, rows)
        plain = resize_batch(images[rows], 32).astype(np.float32)
        expected, _ = read_recipe("flips").apply(plain, np.eye(3, dtype=np.float32)[LABELS[rows]], keys)
        np.testing.assert_array_equal(batch, expected.numpy())
