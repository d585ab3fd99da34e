"""Accumulated gradients in a whole run: whatever the numbers, everything that was seen moves the weights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bcc.runs import Run
from bcc.training import TrainConfig
from bcc.training.loop.trainer import Trainer
from bcc.training.train import start

# 40 training rows in batches of 8 are five steps an epoch.
pytestmark = pytest.mark.usefixtures("small_network")


@pytest.fixture
def heads(monkeypatch: pytest.MonkeyPatch) -> list[np.ndarray]:
    """The last kernel before the first step and after every epoch."""
    found: list[np.ndarray] = []
    enter, end = Trainer._enter_phase, Trainer._end_epoch

    def kernel(trainer: Trainer) -> None:
        found.append(trainer.model.get_layer("logits").get_weights()[0])

    def entered(self: Trainer) -> None:
        enter(self)
        kernel(self)

    def ended(self: Trainer) -> None:
        end(self)
        kernel(self)

    monkeypatch.setattr(Trainer, "_enter_phase", entered)
    monkeypatch.setattr(Trainer, "_end_epoch", ended)
    return found


def test_more_than_a_phase_has_moves_once_at_its_end(
    small_config: Callable[..., TrainConfig], tmp_path: Path, heads: list[np.ndarray]
) -> None:
    """At the full rate, and patience does not end the phase before that."""
    start(small_config(epochs=4, accumulate=64, patience=1, warmup=0), tmp_path / "run")
    assert len(heads) == 5, "all four epochs"
    for same in heads[1:4]:
        np.testing.assert_array_equal(same, heads[0])
    assert np.abs(heads[4] - heads[3]).max() == pytest.approx(0.01, rel=0.1), "Adam's first step"
    assert "accumulate 64 is more than the 5 steps of an epoch" in Run(tmp_path / "run").log.read_text()


def test_the_rate_follows_the_moves(
    small_config: Callable[..., TrainConfig], tmp_path: Path, heads: list[np.ndarray]
) -> None:
    """Ten steps in groups of four are three moves; the last is of the two steps that are left over."""
    start(small_config(epochs=2, accumulate=4, warmup=0), tmp_path / "run")
    rates = Run(tmp_path / "run").read_batches()["learning_rate"].to_numpy()
    expected = 0.005 * (1 + np.cos(np.pi * np.arange(3) / 3))
    np.testing.assert_allclose(rates, np.repeat(expected, 4)[:10], rtol=1e-4)
    assert (heads[1] != heads[0]).any()
    assert (heads[2] != heads[1]).any()
