from __future__ import annotations

import keras
import numpy as np
import pytest

from bcc.training import TrainConfig
from bcc.training.loop.optimizers import make_optimizer
from bcc.training.loop.schedules import learning_rate_at

OPTIMIZERS = ("adam", "nadam", "adamw", "lion", "sgd")


def rates(steps: int = 200, **changes: object) -> np.ndarray:
    phase = TrainConfig(learning_rate=0.01, **changes).all
    return np.array([learning_rate_at(step, steps, phase) for step in range(steps)])


def test_warmup_rises_in_a_straight_line() -> None:
    found = rates(warmup=0.1)
    np.testing.assert_allclose(found[:20], 0.01 * np.arange(1, 21) / 20)


def test_cosine_falls_from_the_peak_to_nearly_nothing() -> None:
    found = rates(warmup=0.1, schedule="cosine")
    assert found.max() == pytest.approx(0.01)
    assert (np.diff(found[19:]) <= 0).all()
    assert found[20 + 90] == pytest.approx(0.005), "half of it is left half way"
    assert 0 < found[-1] < 1e-5


def test_constant_stays() -> None:
    np.testing.assert_allclose(rates(schedule="constant", warmup=0.25)[50:], 0.01)


def test_without_warmup_the_first_step_is_the_largest() -> None:
    assert rates(warmup=0)[0] == pytest.approx(0.01)


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_very_short_runs_still_move(steps: int) -> None:
    for warmup in (0.0, 0.1, 0.9):
        found = rates(steps, warmup=warmup)
        assert (found > 0).all()
        assert (found <= 0.01).all()


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_weight_decay_spares_vectors(name: str) -> None:
    """Without a gradient the decay alone acts: on kernels, not on norms, biases and scales."""
    kernel, bias = keras.Variable(np.ones((3, 2))), keras.Variable(np.ones(2))
    optimizer = make_optimizer(TrainConfig(optimizer=name, weight_decay=0.5), [kernel, bias])
    optimizer.learning_rate.assign(0.1)
    optimizer.apply([np.zeros((3, 2), np.float32), np.zeros(2, np.float32)], [kernel, bias])
    np.testing.assert_allclose(kernel.numpy(), 1 - 0.1 * 0.5, rtol=1e-5)
    np.testing.assert_array_equal(bias.numpy(), 1)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_no_weight_decay_leaves_kernels_alone(name: str) -> None:
    kernel = keras.Variable(np.ones((3, 2)))
    optimizer = make_optimizer(TrainConfig(optimizer=name, weight_decay=0), [kernel])
    optimizer.apply([np.zeros((3, 2), np.float32)], [kernel])
    np.testing.assert_array_equal(kernel.numpy(), 1)


@pytest.mark.parametrize("decay", [0.0, 0.3])
def test_adam_and_adamw_are_the_same_rule(decay: float) -> None:
    """As the help of `optimizer` says; configs of either name mean what they have always meant."""
    rng = np.random.default_rng(0)
    start, slopes = rng.normal(size=(3, 2)), rng.normal(size=(5, 3, 2)).astype(np.float32)
    ends = []
    for name in ("adam", "adamw"):
        kernel = keras.Variable(start)
        optimizer = make_optimizer(TrainConfig(optimizer=name, weight_decay=decay), [kernel])
        optimizer.learning_rate.assign(0.1)
        for slope in slopes:
            optimizer.apply([slope], [kernel])
        ends.append(kernel.numpy())
    np.testing.assert_array_equal(ends[0], ends[1])
    assert "adam and adamw are one rule" in TrainConfig.model_fields["optimizer"].description


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_rule_walks_downhill(name: str) -> None:
    place = keras.Variable(np.array([[3.0, -2.0]]))
    optimizer = make_optimizer(TrainConfig(optimizer=name, weight_decay=0), [place])
    optimizer.learning_rate.assign(0.1)
    for _ in range(60):
        optimizer.apply([2 * place.numpy()], [place])
    # Lion steps by its rate whatever the slope, and so swings about the bottom.
    assert np.abs(place.numpy()).max() < 1


def test_the_state_exists_before_the_first_step() -> None:
    """A checkpoint is put back into an optimiser that has not taken a step yet."""
    kernel = keras.Variable(np.ones((3, 2)))
    optimizer = make_optimizer(TrainConfig(optimizer="adamw"), [kernel])
    assert [tuple(v.shape) for v in optimizer.variables].count((3, 2)) == 2
