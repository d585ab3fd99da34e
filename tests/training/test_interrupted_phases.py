"""A run that is interrupted in any phase ends as one that was not, also where it began from other weights."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bcc.models import ARCHITECTURES, Architecture
from bcc.models.devices import compile_with_xla
from bcc.models.saving import load_model
from bcc.runs import Run
from bcc.training import TrainConfig
from bcc.training.loop.trainer import Trainer
from bcc.training.train import resume, start

# 40 training rows in batches of 8 are five steps an epoch: 1 to 5 are of the head, 6 to 15 of fine_tune,
# 16 to 20 of all.


class Interrupted(BaseException):
    """Stands in for the end of the process: nobody catches it."""


@pytest.fixture(scope="module", autouse=True)
def _small_and_saving_every_step(small_architecture: Architecture) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(ARCHITECTURES, "atto", small_architecture)
        patch.setattr("bcc.training.loop.trainer.CHECKPOINT_EVERY", 0.0)
        yield


@pytest.fixture(scope="module")
def config(small_config: Callable[..., TrainConfig], tmp_path_factory: pytest.TempPathFactory) -> TrainConfig:
    """Frozen parts are kept (the recipe does nothing), and their weights come from another run."""
    first = start(small_config(epochs=1, seed=3), tmp_path_factory.mktemp("runs") / "first")
    return small_config(
        epochs=None, learning_rate=None, weights=str(first.folder), recipe="none", average_weights=0.9,
        hidden_layers=[8], hidden_norm="batch", dropout=0.2, accumulate=2, head={"epochs": 1},
        fine_tune={"epochs": 2, "trainable_share": 0.5, "learning_rate": 0.01}, all={"epochs": 1},
    )  # fmt: skip


@pytest.fixture(scope="module")
def uninterrupted(config: TrainConfig, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return start(config, tmp_path_factory.mktemp("runs") / "whole")


@pytest.mark.skipif(compile_with_xla(), reason="on a GPU sums may differ in their last bit")
@pytest.mark.parametrize("step", [2, 8, 15, 18], ids=["head", "fine_tune", "its end", "all"])
def test_the_end_is_the_same_to_the_bit(
    config: TrainConfig, uninterrupted: Run, tmp_path: Path, step: int
) -> None:
    run = Run(tmp_path / "run")
    take = Trainer._record_step

    def taken(self: Trainer, *batch: object) -> None:
        take(self, *batch)
        if self.state.step == step:
            raise Interrupted

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Trainer, "_record_step", taken)
        with pytest.raises(Interrupted):
            start(config, run.folder)
    # A file of another machine: what it kept of frozen parts is not here.
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BCC_DATA", str(tmp_path / "data"))
        resume(run.folder)
    assert_same(run, uninterrupted)


@pytest.mark.skipif(compile_with_xla(), reason="on a GPU sums may differ in their last bit")
def test_a_clock_that_is_set_changes_nothing(
    config: TrainConfig, uninterrupted: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A day back amid the first phase, and years forward amid the last; the run never waits for the clock."""
    take, now, ahead = Trainer._record_step, time.time, [0.0]
    monkeypatch.setattr(time, "time", lambda: now() + ahead[0])
    shown: list[str] = []

    def taken(self: Trainer, *batch: object) -> None:
        take(self, *batch)
        ahead[0] = {3: -86_400.0, 17: 3e8}.get(self.state.step, ahead[0])
        shown.append(self.run.read_state().status)

    monkeypatch.setattr(Trainer, "_record_step", taken)
    run = start(config, tmp_path / "run")
    assert set(shown) == {"running"}
    assert_same(run, uninterrupted)


def assert_same(run: Run, other: Run) -> None:
    """Tables, weights and answers, to the bit; only speeds are their own."""
    assert run.read_state().status == "finished"
    for read in (Run.read_history, Run.read_batches):
        mine, theirs = (
            read(one).drop(columns=["images_per_second", "seconds"], errors="ignore") for one in (run, other)
        )
        pd.testing.assert_frame_equal(mine, theirs, check_exact=True)
    for mine, theirs in zip(load_model(run.model).weights, load_model(other.model).weights, strict=True):
        np.testing.assert_array_equal(mine.numpy(), theirs.numpy(), err_msg=mine.path)
    np.testing.assert_array_equal(
        run.read_predictions().probabilities, other.read_predictions().probabilities
    )
