"""A real training run in the queue: stopped at a step, gone on with."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import psutil
import pytest

from bcc.errors import UserError
from bcc.jobs import NICENESS, command, kill, new_run_id, resume, stop, submit
from bcc.jobs.worker import PREFIX
from bcc.launch import python
from bcc.runs import Run
from bcc.training import TrainConfig, read_config
from bcc.training import train as training

from .conftest import speaks_for_itself, wait_for, wait_until


@pytest.fixture
def config(learned_npz: Path) -> TrainConfig:
    # Only the head learns, which compiles in half the time.
    data = {"source": str(learned_npz)}
    return TrainConfig(data=data, image_size=32, batch_size=16, epochs=2, recipe="none", trainable_share=0)


@pytest.mark.timeout(1200)
def test_a_run_in_the_background_is_stopped_and_goes_on(
    root: Path, config: TrainConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(PREFIX)
    run = submit(config)
    wait_for(lambda: speaks_for_itself(run))
    # Asked before its first step: it takes one, so that there is something to look at.
    stop(run)
    process = psutil.Process(run.read_state().pid)
    assert process.cmdline()[: len(python("bcc", "train"))] == python("bcc", "train")
    assert process.nice() == NICENESS
    assert os.getsid(process.pid) == process.pid, "it must outlive the server that started it"
    assert read_config(run.config) == config
    with pytest.raises(UserError, match=f"Run '{run.id}' is still running: stop it first"):
        training.resume(run.folder)

    wait_until(run, "stopped", "failed", "lost", "finished")
    state = run.read_state()
    assert (state.status, state.step, state.message) == ("stopped", 1, "Stopped on request.")
    assert run.model.exists()
    assert set(run.read_json(run.metrics)) == {"validation", "test", "final_split", "baseline"}
    assert len(run.read_predictions().rows) > 0
    created = state.created

    resume(run)
    wait_until(run, "running")
    wait_for(lambda: "Reading the data" in run.console.read_text().partition("Stopped on request")[2])
    state = run.read_state()
    assert (state.status, state.created) == ("running", created)
    words = python("bcc", "train", "--resume", str(run.folder))
    assert psutil.Process(state.pid).cmdline()[1:] == words[1:]
    kill(run)
    assert run.read_state().status == "stopped"
    assert run.checkpoint.exists()


def test_the_command_is_the_one_a_person_would_type(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(tmp_path)
    file, folder = str(tmp_path / "config.json"), str(tmp_path)
    words = python("bcc", "train")
    assert command(run) == [*words, "--config", file, "--run", folder]
    run.log.touch()
    assert command(run) == [*words, "--resume", folder]
    monkeypatch.setenv(PREFIX, "nice -n 5")
    assert command(run)[:4] == ["nice", "-n", "5", sys.executable]


def test_a_run_id_sorts_by_time_and_says_what_it_is() -> None:
    ids = [new_run_id(TrainConfig(model="nano")) for _ in range(20)]
    assert len(set(ids)) == 20
    assert all("-nano-" in one for one in ids)
