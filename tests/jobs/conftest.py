"""What the tests of jobs share: a runs folder whose workers start a stand-in for the training command."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from bcc.jobs import device_names
from bcc.jobs.job import read_job
from bcc.jobs.worker import PREFIX
from bcc.paths import runs_folder
from bcc.runs import Run, list_runs
from bcc.training import TrainConfig

LONG = 900
"""Seconds until a test gives up: training gives way to all else that the machine does."""
FAKE = Path(__file__).with_name("fake_job.py")


@pytest.fixture
def root(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """This test's runs folder, on a machine without a GPU; all that was started there is gone afterwards."""
    monkeypatch.setenv(PREFIX, f"{sys.executable} {FAKE}")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    device_names.cache_clear()
    folder = runs_folder()
    folder.mkdir(parents=True)
    yield folder
    device_names.cache_clear()
    (folder / "hold").unlink(missing_ok=True)
    for process in processes_of(folder):
        process.kill()


def processes_of(folder: Path) -> list[psutil.Process]:
    """Workers and jobs of a runs folder: their command lines name it."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if any(str(folder) in word for word in words) and process.pid != psutil.Process().pid:
            found.append(process)
    return found


@pytest.fixture
def hold(root: Path) -> Path:
    """While this file is there, jobs go on."""
    file = root / "hold"
    file.touch()
    return file


def config(seed: int = 0) -> TrainConfig:
    """A config that no two tests confuse."""
    return TrainConfig(seed=seed, image_size=32, epochs=2)


def wait_for(reached: Callable[[], object]) -> None:
    """Until something has happened, however slow the machine is."""
    until = time.monotonic() + LONG
    while not reached():
        if time.monotonic() > until:
            pytest.fail("it never happened")
        time.sleep(0.02)


def wait_until(run: Run, *statuses: str) -> None:
    """Until a run has one of these statuses."""

    def reached() -> bool:
        return run.state.exists() and run.read_state().status in statuses

    until = time.monotonic() + LONG
    while not reached():
        if time.monotonic() > until:
            logs = [path.read_text() for path in run.folder.parent.glob(".worker-*.log")]
            pytest.fail(f"{run.read_state()}\n{run.tail(run.console)}\n{logs}")
        time.sleep(0.02)


def speaks_for_itself(run: Run) -> bool:
    """Whether the run's own process, and not the worker that started it, has written its state."""
    state = run.read_state()
    return run.log.exists() and state.status == "running" and state.pid != read_job(run).worker


def statuses(root: Path) -> dict[str, str]:
    """Status of every run by id."""
    return {one.run.id: one.state.status if one.state else "damaged" for one in list_runs(root)}


def began(root: Path) -> list[tuple[str, str, str]]:
    """What the stand-ins wrote down: (id, "start" or "resume" or how it ended, CUDA_VISIBLE_DEVICES)."""
    file = root / "began.txt"
    lines = file.read_text().splitlines() if file.exists() else []
    return [(one, what, devices) for one, what, devices in (line.split() for line in lines)]
