"""Start a training run in a process of its own, stop it, delete it.

A job is a command: what starts here is the very command that a person would type. It outlives the
server that started it, and everyone follows it by reading its run directory.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import time
from pathlib import Path

import psutil

from bcc.errors import UserError
from bcc.folders import PROJECT, runs_folder
from bcc.runs import ALIVE, Run, RunState, write_json
from bcc.training import TrainConfig

NICENESS = 10
"""Training on the CPU gives way to pages, so that they stay quick."""


def new_run_id(config: TrainConfig) -> str:
    """A directory name that sorts by time and says what it is: 20260131-142500-atto-3f2a."""
    return f"{time.strftime('%Y%m%d-%H%M%S')}-{config.model}-{secrets.token_hex(2)}"


def command(run: Run) -> list[str]:
    """The command that trains a run whose config.json is written."""
    return [sys.executable, "-m", "bcc", "train", "--config", str(run.config), "--run", str(run.folder)]


def launch(config: TrainConfig, root: Path | None = None) -> Run:
    """Start training in the background.

    Args:
        config: what to train.
        root: where run directories live; the runs folder when missing.

    Returns:
        The run; its state says "running" at once.

    Raises:
        UserError: the run directory cannot be made or the disk is full.
    """
    run = Run((root or runs_folder()) / new_run_id(config))
    try:
        run.folder.mkdir(parents=True)
    except OSError as error:
        raise UserError(f"The run directory '{run.folder}' cannot be made: {error.strerror}.") from error
    write_json(run.config, config.model_dump(mode="json"))
    _start(run, command(run), config)
    return run


def go_on(run: Run) -> None:
    """Resume a run that was stopped, failed or lost, in the background.

    Raises:
        UserError: it is still running or has finished, or its config is gone.
    """
    from bcc.training import read_config

    status = run.read_state().status
    if status in ALIVE:
        raise UserError(f"Run '{run.id}' is still running: stop it first.")
    if status == "finished":
        raise UserError(f"Run '{run.id}' has finished: start a new run to train further.")
    config = read_config(run.config)
    _start(run, [sys.executable, "-m", "bcc", "train", "--resume", str(run.folder)], config)


def stop(run: Run) -> None:
    """Ask a run to stop after the step that it is at; it saves what it has and scores itself."""
    run.stop_request.touch()


def delete(run: Run) -> None:
    """Remove a run's directory.

    Raises:
        UserError: it is still running.
    """
    if _alive(run):
        raise UserError(f"Run '{run.id}' is still running: stop it first.")
    shutil.rmtree(run.folder)


def _alive(run: Run) -> bool:
    """Whether a process is at work; a damaged state, which none would leave, counts as dead."""
    try:
        return run.read_state().status in ALIVE
    except UserError:
        return False


def _start(run: Run, arguments: list[str], config: TrainConfig) -> None:
    """Start the process, detached from this one, and note it in the state."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(PROJECT), os.environ.get("PYTHONPATH", "")]),
    }
    run.stop_request.unlink(missing_ok=True)
    with run.console.open("ab") as console:
        process = subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=console,
            start_new_session=True,
            env=environment,
        )
    handle = psutil.Process(process.pid)
    handle.nice(NICENESS)
    before = run.read_state() if run.state.exists() else None
    state = RunState(
        "running",
        "Starting",
        epochs=config.epochs,
        pid=process.pid,
        process_started=handle.create_time(),
        created=before.created if before else time.time(),
    )
    run.write_state(state)
