from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from bcc.models.freezing import Cut
from bcc.training import TrainConfig
from bcc.training.loop.losses import make_loss
from bcc.training.loop.optimizers import make_optimizer
from bcc.training.loop.train_step import Steps
from bcc.training.loop.validation import validate
from bcc.training.loop.weight_averaging import WeightAverage

RNG = np.random.default_rng(0)
IMAGES = RNG.uniform(0, 1, (6, 4, 4, 3)).astype(np.float32)
LABELS = np.eye(3, dtype=np.float32)[[0, 1, 2, 0, 1, 1]]
WEIGHTS = np.array([1, 2, 0.5, 1, 3, 1], np.float32)


@pytest.fixture
def model() -> keras.Model:
    keras.utils.set_random_seed(0)
    inputs = keras.Input((4, 4, 3))
    x = keras.layers.Flatten()(inputs)
    outputs = keras.layers.Dense(3, activation="softmax", kernel_regularizer=keras.regularizers.L2(0.1))(x)
    return keras.Model(inputs, outputs)


def steps(model: keras.Model, label_smoothing: float = 0.0, accumulate: int = 1, rule: str = "adam") -> Steps:
    config = TrainConfig(optimizer=rule, weight_decay=0, label_smoothing=label_smoothing)
    optimizer = make_optimizer(config, model.trainable_variables)
    average = WeightAverage(model.trainable_variables, 0)
    return Steps(Cut(None, model, 0), optimizer, average, make_loss(config), accumulate=accumulate)


def cross_entropy(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    return -(labels * np.log(probabilities)).sum(axis=1)


@pytest.mark.parametrize("smoothing", [0.0, 0.3])
def test_the_loss_counts_weights_smoothing_and_penalties(model: keras.Model, smoothing: float) -> None:
    before = model(IMAGES).numpy()
    penalty = 0.1 * (model.get_weights()[0] ** 2).sum()
    loss, accuracy = steps(model, smoothing).train(IMAGES, LABELS, WEIGHTS, 0.001, 0)
    smooth = (1 - smoothing) * LABELS + smoothing / 3
    assert loss == pytest.approx((cross_entropy(smooth, before) * WEIGHTS).mean() + penalty, rel=1e-5)
    assert accuracy == pytest.approx((before.argmax(1) == LABELS.argmax(1)).mean())


def test_the_learning_rate_is_the_one_given(model: keras.Model) -> None:
    """Adam's first step has just this size; a rate of zero moves nothing."""
    taught = steps(model)
    before = model.get_weights()
    taught.train(IMAGES, LABELS, WEIGHTS, 0.0, 0)
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    other = steps(model)
    other.train(IMAGES, LABELS, WEIGHTS, 0.02, 0)
    moved = np.abs(model.get_weights()[0] - before[0])
    np.testing.assert_allclose(moved, 0.02, rtol=1e-2)


def test_learning_lowers_the_loss(model: keras.Model) -> None:
    taught = steps(model)
    losses = [taught.train(IMAGES, LABELS, WEIGHTS, 0.02, step)[0] for step in range(40)]
    assert losses[-1] < 0.8 * losses[0]


def test_validation_is_plain_and_changes_nothing(model: keras.Model) -> None:
    """No smoothing, no penalty, no weights; the rows that fill up the last batch do not count."""
    images = np.random.default_rng(1).integers(0, 256, (20, 4, 4, 3), dtype=np.uint8)
    labels = np.arange(20) % 3
    model.set_weights([w / 100 for w in model.get_weights()])
    rows = np.array([3, 4, 5, 9, 11, 12, 19])
    expected = model(images[rows].astype(np.float32)).numpy()
    before = model.get_weights()
    for batch_size in (3, 7, 64):
        loss, accuracy = validate(
            steps(model, 0.3), lambda chosen: images[chosen].astype(np.float32), labels, rows, 3,
            batch_size=batch_size,
        )  # fmt: skip
        assert loss == pytest.approx(cross_entropy(np.eye(3)[labels[rows]], expected).mean(), rel=1e-4)
        assert accuracy == pytest.approx((expected.argmax(1) == labels[rows]).mean())
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def slope(model: keras.Model, batches: list[int]) -> list[np.ndarray]:
    """Mean gradient of the loss over some batches of two images, by Keras alone."""
    with tf.GradientTape() as tape:
        chosen = np.concatenate([np.arange(2 * batch, 2 * batch + 2) for batch in batches])
        loss = keras.losses.categorical_crossentropy(LABELS[chosen], model(IMAGES[chosen]))
        total = tf.reduce_mean(loss * WEIGHTS[chosen]) + tf.add_n(model.losses)
    return [gradient.numpy() for gradient in tape.gradient(total, model.trainable_variables)]


@pytest.mark.parametrize(
    ("accumulate", "moves"),
    [(1, [[0], [1], [2]]), (2, [[0, 1], [2]]), (3, [[0, 1, 2]]), (50, [[0, 1, 2]])],
)
def test_accumulated_steps_move_the_weights_by_their_mean(
    model: keras.Model, accumulate: int, moves: list[list[int]]
) -> None:
    """Those left over when the phase ends too, by the mean of as many as there are."""
    taught = steps(model, accumulate=accumulate, rule="sgd")
    taught_by_hand = keras.models.clone_model(model)
    taught_by_hand.set_weights(model.get_weights())
    config = TrainConfig(optimizer="sgd", weight_decay=0)
    rule = make_optimizer(config, taught_by_hand.trainable_variables)
    rule.learning_rate.assign(0.1)
    after = {move[-1]: move for move in moves}
    for step in range(3):
        batch = slice(2 * step, 2 * step + 2)
        taught.train(IMAGES[batch], LABELS[batch], WEIGHTS[batch], 0.1, step, last=step == 2)
        if step in after:
            rule.apply(slope(taught_by_hand, after[step]), taught_by_hand.trainable_variables)
        for mine, wanted in zip(model.get_weights(), taught_by_hand.get_weights(), strict=True):
            np.testing.assert_allclose(mine, wanted, atol=1e-6, err_msg=f"after step {step}")
    assert all((sum_.numpy() == 0).all() for sum_ in taught.accumulated)
