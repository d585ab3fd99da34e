"""Averaged weights are scored and saved with batch statistics of their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest

from bcc.models.freezing import Cut
from bcc.models.saving import load_model
from bcc.training import TrainConfig
from bcc.training.loop.batch_statistics import BatchStatistics
from bcc.training.loop.trainer import Trainer
from bcc.training.train import start

RNG = np.random.default_rng(3)
BATCHES = RNG.normal(2.0, 3.0, (4, 30, 5)).astype(np.float32)


def small(dropout: float = 0.0) -> keras.Model:
    inputs = keras.Input((5,))
    x = keras.layers.Dense(6, name="first")(inputs)
    x = keras.layers.Dropout(dropout, seed=1)(keras.layers.BatchNormalization(name="norm")(x))
    return keras.Model(inputs, keras.layers.Dense(2)(x))


def test_statistics_are_those_of_the_weights_as_they_are() -> None:
    model = small()
    norm, first = model.get_layer("norm"), model.get_layer("first")
    remembered = [np.copy(values) for values in norm.get_weights()]
    activations = np.stack([first(batch).numpy() for batch in BATCHES])
    with BatchStatistics(Cut(None, model, 0)).measured(1, lambda: BATCHES, cached=False):
        np.testing.assert_allclose(norm.moving_mean, activations.mean(axis=(0, 1)), atol=1e-4)
        np.testing.assert_allclose(norm.moving_variance, activations.var(axis=1).mean(axis=0), rtol=1e-4)
    for old, new in zip(remembered, norm.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    assert norm.momentum == 0.99


def test_training_goes_on_as_if_nobody_had_measured() -> None:
    """Dropout draws what it would have drawn, and layers forget as slowly as before."""
    models = [small(0.5), small(0.5)]
    models[1].set_weights(models[0].get_weights())
    statistics = BatchStatistics(Cut(None, models[0], 0))
    with statistics.measured(1, lambda: BATCHES[:2], cached=False):
        pass
    for model in models:
        model(BATCHES[0], training=True)
    for one, other in zip(models[0].variables, models[1].variables, strict=True):
        np.testing.assert_array_equal(one.numpy(), other.numpy(), err_msg=one.path)


def test_nothing_is_measured_twice_or_in_vain() -> None:
    asked: list[int] = []

    def inputs() -> np.ndarray:
        asked.append(1)
        return BATCHES

    statistics = BatchStatistics(Cut(None, small(), 0))
    for step in (5, 5, 6):
        with statistics.measured(step, inputs, cached=False):
            pass
    assert len(asked) == 2
    frozen = small()
    frozen.get_layer("norm").trainable = False
    plain = keras.Sequential([keras.Input((5,)), keras.layers.Dense(2)])
    for model in (frozen, plain):
        with BatchStatistics(Cut(None, model, 0)).measured(1, inputs, cached=False):
            pass
    assert len(asked) == 2


@pytest.mark.usefixtures("small_network")
@pytest.mark.parametrize("phase", ["all", "head"])
def test_the_saved_model_has_the_statistics_of_the_average(
    phase: str, small_config: Callable[..., TrainConfig], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All learning, from images; and the head alone, from kept features."""
    config = small_config(
        epochs=None, learning_rate=None, recipe="none", average_weights=0.95, hidden_layers=[12],
        hidden_norm="batch", **{phase: {"epochs": 3, "learning_rate": 0.03}},
    )  # fmt: skip
    fits: list[Trainer] = []
    monkeypatch.setattr(
        Trainer, "run_to_end", lambda self, run=Trainer.run_to_end: fits.append(self) or run(self)
    )
    run = start(config, tmp_path / "run")
    model = load_model(run.model)
    dense = keras.Model(model.input, model.get_layer("head_hidden_0").output)
    norm = model.get_layer("head_hidden_norm_0")
    best = int(run.read_history()["validation_accuracy"].to_numpy().argmax()) + 1
    steps = fits[0].plan.rows[: 5 * best][-16:]
    shown = np.stack([dense(fits[0].dataset.images[rows].astype(np.float32)).numpy() for rows in steps])
    np.testing.assert_allclose(norm.moving_mean, shown.mean(axis=(0, 1)), atol=2e-3)
    np.testing.assert_allclose(norm.moving_variance, shown.var(axis=1).mean(axis=0), rtol=2e-2, atol=1e-4)
