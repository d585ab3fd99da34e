from __future__ import annotations

import json
import os
import re
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from bcc.errors import UserError
from bcc.jobs import NICENESS, command, delete, go_on, launch, new_run_id, stop
from bcc.runs import Run, RunState
from bcc.training import TrainConfig, read_config
from bcc.training.train import resume


@pytest.fixture
def config(learned_npz: Path) -> TrainConfig:
    # Only the head learns, which compiles in half the time.
    data = {"source": str(learned_npz)}
    return TrainConfig(data=data, image_size=32, batch_size=16, epochs=2, recipe="none", trainable_share=0)


def wait_for(reached: Callable[[], bool], run: Run) -> None:
    """Until something has happened; what the process said helps where it has not."""
    for _ in range(2400):
        if reached():
            return
        time.sleep(0.1)
    pytest.fail(f"{run.read_state()}\n{run.tail(run.log)}\n{run.tail(run.console)}")


def has_ended(run: Run) -> bool:
    return run.read_state().status not in ("queued", "running", "stopping")


def test_a_run_in_the_background_is_stopped_and_goes_on_to_its_end(config: TrainConfig) -> None:
    run = launch(config)
    state = run.read_state()
    assert state.status == "running"
    process = psutil.Process(state.pid)
    assert process.cmdline() == command(run)
    assert process.nice() == NICENESS
    assert os.getsid(process.pid) == process.pid, "it must outlive the server that started it"
    assert read_config(run.config) == config

    for refused in (lambda: delete(run), lambda: go_on(run), lambda: resume(run.folder)):
        with pytest.raises(UserError, match=f"Run '{run.id}' is still running: stop it first"):
            refused()

    # Asked before its first step: it takes one, so that there is something to look at.
    stop(run)
    wait_for(lambda: has_ended(run), run)
    state = run.read_state()
    assert (state.status, state.step, state.message) == ("stopped", 1, "Stopped on request.")
    assert run.model.exists()
    assert set(run.read_json(run.metrics)) == {"validation", "test", "final_split", "baseline"}
    assert len(run.read_predictions().rows) > 0
    created = state.created

    go_on(run)
    assert run.read_state().status == "running"
    wait_for(lambda: has_ended(run), run)
    state = run.read_state()
    assert (state.status, state.epoch, state.created) == ("finished", 2, created)
    assert run.read_history()["epoch"].tolist() == [1, 2]
    assert run.read_batches()["step"].tolist() == list(range(1, state.steps + 1))
    assert "Finished" in run.console.read_text()

    with pytest.raises(UserError, match=f"Run '{run.id}' has finished: start a new run to train further"):
        go_on(run)
    delete(run)
    assert not run.folder.exists()


def test_the_command_is_the_one_a_person_would_type(tmp_path: Path) -> None:
    run = Run(tmp_path)
    config, folder = str(tmp_path / "config.json"), str(tmp_path)
    assert command(run) == [sys.executable, "-m", "bcc", "train", "--config", config, "--run", folder]


def test_a_run_id_sorts_by_time_and_says_what_it_is() -> None:
    ids = [new_run_id(TrainConfig(model="nano")) for _ in range(20)]
    assert len(set(ids)) == 20
    for one in ids:
        assert re.fullmatch(r"\d{8}-\d{6}-nano-[0-9a-f]{4}", one)


def test_a_runs_folder_that_cannot_be_made_is_named(config: TrainConfig, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match=r"The run directory '.*' cannot be made: Not a directory"):
        launch(config, tmp_path / "file")


@pytest.mark.parametrize("status", ["queued", "running", "stopping"])
def test_a_run_at_work_is_not_deleted(tmp_path: Path, status: str) -> None:
    run = Run(tmp_path / "run")
    run.folder.mkdir()
    run.write_state(RunState(status).mine())
    with pytest.raises(UserError, match="Run 'run' is still running: stop it first"):
        delete(run)
    assert run.state.exists()


@pytest.mark.parametrize("state", [None, "", "{", json.dumps({"status": "asleep"})])
def test_a_damaged_run_can_be_deleted(tmp_path: Path, state: str | None) -> None:
    run = Run(tmp_path / "run")
    run.folder.mkdir()
    if state is not None:
        run.state.write_text(state)
    delete(run)
    assert not run.folder.exists()


def test_a_lost_run_can_be_deleted(tmp_path: Path) -> None:
    run = Run(tmp_path / "run")
    run.folder.mkdir()
    run.write_state(RunState("running", pid=2**22 + 1, process_started=1.0))
    delete(run)
    assert not run.folder.exists()


def test_what_cannot_go_on_starts_nothing(finished_run_folder: Path, tmp_path: Path) -> None:
    run = Run(shutil.copytree(finished_run_folder, tmp_path / "run"))
    run.write_state(RunState("failed"))
    run.config.unlink()
    with pytest.raises(UserError, match="There is no config file"):
        go_on(run)
    with pytest.raises(UserError, match="is no run directory"):
        go_on(Run(tmp_path / "nothing"))
    assert run.read_state().status == "failed"
    assert not run.console.exists()
