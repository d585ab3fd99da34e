from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from bcc.errors import UserError
from bcc.runs import Run, RunState


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)


def test_a_state_survives_the_disk(run: Run) -> None:
    state = RunState("running", "Training", epoch=1, epochs=3, step=7, steps=21, seconds_left=4.5).mine()
    run.write_state(state)
    assert run.read_state() == state


def test_a_state_of_a_newer_version_is_read(run: Run) -> None:
    assert RunState.from_dict({"status": "finished", "colour": "blue"}, "x").status == "finished"


@pytest.mark.parametrize(
    "values",
    [
        None, [], "running", 3, {}, {"status": "sleeping"}, {"status": ["running"]},
        {"status": "running", "pid": "many"}, {"status": "finished", "created": "yesterday"},
        {"status": "finished", "created": None}, {"status": "finished", "epoch": [1]},
    ],
)  # fmt: skip
def test_what_is_no_state_is_one_sentence(values: Any) -> None:
    with pytest.raises(UserError) as caught:
        RunState.from_dict(values, "first")
    assert str(caught.value) == "state.json of run 'first' holds no state of a run: was it edited by hand?"


@pytest.mark.parametrize("status", ["queued", "running", "stopping"])
def test_this_process_is_at_work(run: Run, status: str) -> None:
    run.write_state(RunState(status).mine())
    assert run.read_state().status == status


@pytest.fixture
def dead_pid() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


@pytest.mark.parametrize("status", ["queued", "running", "stopping"])
def test_a_process_that_is_gone_is_lost(run: Run, dead_pid: int, status: str) -> None:
    run.write_state(RunState(status, pid=dead_pid, process_started=1.0))
    state = run.read_state()
    assert state.status == "lost"
    assert "without a word" in state.message


@pytest.mark.parametrize("status", ["finished", "failed", "stopped"])
def test_what_has_ended_is_not_lost(run: Run, dead_pid: int, status: str) -> None:
    run.write_state(RunState(status, pid=dead_pid, process_started=1.0, message="as it was"))
    assert run.read_state().status == status
    assert run.read_state().message == "as it was"


def test_another_process_with_the_same_number_is_not_ours(run: Run) -> None:
    """Numbers are given again, after a restart of the machine at the latest."""
    began = psutil.Process().create_time()
    run.write_state(RunState("running", pid=os.getpid(), process_started=began - 3600))
    assert run.read_state().status == "lost"


@pytest.mark.parametrize("hours", [-24, -1, 1, 24 * 365])
def test_setting_the_clock_loses_no_run(run: Run, monkeypatch: pytest.MonkeyPatch, hours: int) -> None:
    """Linux tells the start of a process by the clock as it goes now, so that it moves with the clock."""
    run.write_state(RunState("running").mine())
    create_time, boot_time, now = psutil.Process.create_time, psutil.boot_time, time.time
    by = hours * 3600
    monkeypatch.setattr(psutil.Process, "create_time", lambda self: create_time(self) + by)
    monkeypatch.setattr(psutil, "boot_time", lambda: boot_time() + by)
    monkeypatch.setattr(time, "time", lambda: now() + by)
    assert run.read_state().status == "running"
    # A state of an older version knows the start by the clock alone; nor is every other process ours.
    values = run.read_state().to_dict()
    run.write_state(RunState.from_dict({**values, "process_after_boot": None}, "x"))
    assert run.read_state().status == "lost"
    run.write_state(RunState.from_dict({**values, "process_after_boot": 1.0}, "x"))
    assert run.read_state().status == "lost"


def test_a_zombie_is_lost(run: Run) -> None:
    """A run's process that died while the server that started it still holds on to its number."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    began = psutil.Process(process.pid).create_time()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    run.write_state(RunState("running", pid=process.pid, process_started=began))
    assert run.read_state().status == "lost"
    process.wait()


@pytest.mark.parametrize("pid", [-1, 2**31 + 5, 2**70])
def test_impossible_process_numbers_are_lost(run: Run, pid: int) -> None:
    run.write_state(RunState("running", pid=pid, process_started=1.0))
    assert run.read_state().status == "lost"


def test_a_run_that_waits_for_its_process_is_not_lost(run: Run) -> None:
    run.write_state(RunState("queued"))
    assert run.read_state().status == "queued"
