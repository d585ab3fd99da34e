"""A run that was interrupted, however it was, ends as one that was not: every draw derives from the seed."""

from __future__ import annotations

import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bcc.datasets import load
from bcc.errors import UserError
from bcc.jobs import stop
from bcc.models import ARCHITECTURES, Architecture
from bcc.models.devices import compile_with_xla
from bcc.paths import PROJECT
from bcc.runs import Run, write_json
from bcc.training import TrainConfig, read_config
from bcc.training.loop.trainer import Trainer
from bcc.training.train import resume, start

# 40 training rows in batches of 8 are five steps an epoch.

SPEEDS = ["images_per_second", "seconds"]
"""Columns that no seed decides."""


@pytest.fixture(scope="module")
def config(small_config: Callable[..., TrainConfig]) -> TrainConfig:
    """Everything that has a state or draws: dropout, skipped blocks, averages, augmentation, momentum."""
    return small_config(
        epochs=3, dropout=0.3, stochastic_depth=0.3, average_weights=0.9, recipe="gentle", l2=1e-4, seed=11
    )


@pytest.fixture(scope="module", autouse=True)
def _small_and_saving_every_step(small_architecture: Architecture) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(ARCHITECTURES, "atto", small_architecture)
        patch.setattr("bcc.training.loop.trainer.CHECKPOINT_EVERY", 0.0)
        yield


@pytest.fixture(scope="module")
def uninterrupted(config: TrainConfig, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return start(config, tmp_path_factory.mktemp("runs") / "uninterrupted")


def ask_to_stop_at(patch: pytest.MonkeyPatch, step: int) -> None:
    """Somebody's request arrives while this step is being taken."""
    take = Trainer._record_step

    def taken(self: Trainer, *batch: object) -> None:
        take(self, *batch)
        if self.state.step == step:
            stop(self.run)

    patch.setattr(Trainer, "_record_step", taken)


def same(one: Run, other: Run) -> None:
    """Both runs say the same but for speeds: on a CPU to the last bit, on a GPU sums may differ in theirs."""
    near = 1e-3 if compile_with_xla() else 0.0
    for read in (Run.read_history, Run.read_batches):
        mine, theirs = (read(run).drop(columns=SPEEDS, errors="ignore") for run in (one, other))
        pd.testing.assert_frame_equal(mine, theirs, check_exact=not near, rtol=near)
    with np.load(one.checkpoint) as mine, np.load(other.checkpoint) as theirs:
        assert set(mine.files) == set(theirs.files)
        for name in mine.files:
            np.testing.assert_allclose(mine[name], theirs[name], rtol=near, atol=near, err_msg=name)
    mine, theirs = (run.read_predictions().probabilities for run in (one, other))
    np.testing.assert_allclose(mine, theirs, rtol=near, atol=near)
    for part in ("validation", "test"):
        mine, theirs = (run.read_json(run.metrics)[part]["accuracy"] for run in (one, other))
        assert mine == pytest.approx(theirs, abs=near)


def test_a_run_stopped_twice_ends_as_if_it_never_had(
    config: TrainConfig, uninterrupted: Run, tmp_path: Path
) -> None:
    """Once amid the first epoch, where nothing has been scored yet, and once amid the second."""
    run = Run(tmp_path / "stopped")
    with pytest.MonkeyPatch.context() as patch:
        ask_to_stop_at(patch, 3)
        start(config, run.folder)
    state = run.read_state()
    assert (state.status, state.step, state.epoch) == ("stopped", 3, 0)
    assert state.message == "Stopped on request."
    assert not run.stop_request.exists()
    # Stopped as it is, it can be looked at: a model, its predictions and scores.
    assert run.model.exists()
    assert set(run.read_json(run.metrics)) == {"validation", "test", "final_split", "baseline"}
    assert run.read_batches()["step"].tolist() == [1, 2, 3]
    assert len(run.read_history()) == 0
    # A score amid an epoch counts for nothing: an uninterrupted run would have none to beat.
    with np.load(run.checkpoint) as saved:
        assert saved["best"] == -1

    with pytest.MonkeyPatch.context() as patch:
        ask_to_stop_at(patch, 7)
        resume(run.folder)
    assert run.read_state().status == "stopped"
    assert run.read_batches()["step"].tolist() == list(range(1, 8))
    assert run.read_history()["epoch"].tolist() == [1]

    resume(run.folder)
    assert run.read_state().status == "finished"
    assert run.read_state().message == ""
    assert run.read_state().created == state.created
    same(run, uninterrupted)


KILLED = """
    import os, signal
    from pathlib import Path
    from bcc.models import ARCHITECTURES, Architecture
    from bcc.training import read_config
    from bcc.training.loop import trainer
    from bcc.training.train import start

    ARCHITECTURES["atto"] = {small!r}
    trainer.CHECKPOINT_EVERY = 0.0
    take = trainer.Trainer._record_step

    def taken(self, *batch):
        take(self, *batch)
        if self.state.step == 8:
            os.kill(os.getpid(), signal.SIGKILL)

    trainer.Trainer._record_step = taken
    start(read_config(Path({config!r})), Path({folder!r}))
"""


@pytest.fixture(scope="module")
def killed(
    config: TrainConfig, small_architecture: Architecture, tmp_path_factory: pytest.TempPathFactory
) -> Run:
    """A run whose process was killed at its eighth step, one step after its checkpoint, amid an epoch."""
    folder = tmp_path_factory.mktemp("killed")
    (folder / "config.json").write_text(config.model_dump_json())
    code = textwrap.dedent(KILLED).format(
        small=small_architecture, config=str(folder / "config.json"), folder=str(folder / "run")
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, cwd=PROJECT)
    assert done.returncode == -9, done.stderr.decode()[-2000:]
    return Run(folder / "run")


def copied(run: Run, folder: Path) -> Run:
    return Run(shutil.copytree(run.folder, folder / "copy"))


def test_a_killed_run_is_lost(killed: Run) -> None:
    state = killed.read_state()
    assert state.status == "lost"
    assert "ended without a word" in state.message
    assert killed.read_batches()["step"].tolist() == list(range(1, 9))


def test_a_killed_run_goes_on_from_its_checkpoint(killed: Run, uninterrupted: Run, tmp_path: Path) -> None:
    run = copied(killed, tmp_path)
    left, of_others = (run.folder / f".{name}.npz.12ab_78z" for name in ("checkpoint", "somebody"))
    left.write_bytes(b"half a checkpoint")
    of_others.touch()
    resume(run.folder)
    assert not left.exists()
    assert of_others.exists()
    assert run.read_state().status == "finished"
    assert "Resuming after step 7 of 15" in run.log.read_text()
    same(run, uninterrupted)


def test_a_run_killed_before_its_first_checkpoint_begins_again(
    killed: Run, uninterrupted: Run, tmp_path: Path
) -> None:
    run = copied(killed, tmp_path)
    run.checkpoint.unlink()
    with run.batches.open("a") as file:
        file.write("9,2,0.1")  # half a line: the process was killed while it wrote
    resume(run.folder)
    same(run, uninterrupted)


@pytest.mark.parametrize("damage", ["truncated", "no archive", "another model"])
def test_a_damaged_checkpoint_is_one_sentence(killed: Run, tmp_path: Path, damage: str) -> None:
    run = copied(killed, tmp_path)
    content = run.checkpoint.read_bytes()
    if damage == "truncated":
        run.checkpoint.write_bytes(content[: len(content) // 2])
    elif damage == "no archive":
        run.checkpoint.write_bytes(b"nothing")
    else:
        np.savez(run.checkpoint, variable_0=np.zeros(3))
    with pytest.raises(
        UserError, match=r"^The checkpoint of run 'copy' is damaged or of another model: start"
    ):
        resume(run.folder)
    assert run.read_state().status == "failed"
    assert run.read_state().message.startswith("The checkpoint of run 'copy' is damaged")


def test_data_that_changed_meanwhile_is_refused(
    killed: Run, tmp_path: Path, tiny_npz: Callable[..., Path]
) -> None:
    run = copied(killed, tmp_path)
    config = read_config(run.config)
    other = tiny_npz(tmp_path / "tiny.npz", rows=64, classes=4, seed=9)
    data = {**config.data.model_dump(), "source": str(other)}
    run.config.write_text(TrainConfig(**{**config.model_dump(), "data": data}).model_dump_json())
    with pytest.raises(UserError, match=r"^'tiny.npz' has changed since run 'copy' began: start it anew\.$"):
        resume(run.folder)


@pytest.mark.session_folders
def test_a_run_from_another_place_goes_on_with_the_same_set(
    killed: Run, uninterrupted: Run, tmp_path: Path
) -> None:
    """The path in its config means nothing here, but the very set has been opened before."""
    run = copied(killed, tmp_path)
    config = read_config(run.config)
    known = load(config.data.source)
    data = {**config.data.model_dump(), "source": "/elsewhere/images.npz"}
    run.config.write_text(TrainConfig(**{**config.model_dump(), "data": data}).model_dump_json())
    about = {**run.read_json(run.dataset), "location": "/elsewhere/images.npz"}
    write_json(run.dataset, about)
    assert known.fingerprint == about["fingerprint"]
    resume(run.folder)
    same(run, uninterrupted)


def test_a_run_from_another_place_without_its_set_says_so(killed: Run, tmp_path: Path) -> None:
    run = copied(killed, tmp_path)
    config = read_config(run.config)
    data = {**config.data.model_dump(), "source": "/elsewhere/images.npz"}
    run.config.write_text(TrainConfig(**{**config.model_dump(), "data": data}).model_dump_json())
    write_json(run.dataset, {**run.read_json(run.dataset), "location": "/elsewhere/images.npz"})
    with pytest.raises(UserError, match=r"There is no .*/elsewhere/images.npz"):
        resume(run.folder)


def test_what_cannot_go_on_says_why(uninterrupted: Run, killed: Run, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="Run 'uninterrupted' has finished: start a new run"):
        resume(uninterrupted.folder)
    with pytest.raises(UserError, match="is no run directory"):
        resume(tmp_path / "nothing")
    run = copied(killed, tmp_path)
    run.config.unlink()
    with pytest.raises(UserError, match="There is no config file"):
        resume(run.folder)
