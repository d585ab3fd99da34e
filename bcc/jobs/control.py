"""Stop, kill, delete and describe single runs, safely beside workers and other people doing the same."""

from __future__ import annotations

import secrets
import shutil
import socket
import time
from contextlib import suppress
from typing import Any

import psutil

from bcc.errors import UserError
from bcc.jobs.job import read_job
from bcc.jobs.order import locked, state_of
from bcc.runs import About, Run, RunState, alone, read_about, write_about
from bcc.specs import check

_DEATH = 10.0
"""Seconds that a killed process may take to be gone."""


def stop(run: Run) -> None:
    """Ask a run to stop after the step that it is at: it saves a checkpoint and scores itself. One that waits
    is taken out of the queue. Nothing happens to one that has ended.

    Raises:
        UserError: it is no run.
    """
    with locked(run.folder.absolute().parent) as order:
        state = run.read_state()
        if state.status in ("running", "stopping"):
            run.stop_request.touch()
        elif state.status == "queued":
            order.remove(run)
            run.write_state(state.now(status="stopped", stage="", message="Taken out of the queue."))


def kill(run: Run) -> None:
    """End a run's process at once. What it saved before stays, and it can go on from its last checkpoint.

    Raises:
        UserError: no process is at work, or it is on another machine.
    """
    with locked(run.folder.absolute().parent):
        state = run.read_state()
        if state.status not in ("running", "stopping"):
            raise UserError(f"Run '{run.id}' is not at work ({state.status}): there is nothing to kill.")
        if state.host and state.host != socket.gethostname():
            raise UserError(f"Run '{run.id}' is at work on '{state.host}': kill it there.")
        processes = _processes(run, state)
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        until = time.monotonic() + _DEATH
        while not all(map(_is_gone, processes)) and time.monotonic() < until:
            time.sleep(0.01)
        # As it wrote it last, and not as `lost`.
        last = RunState.from_dict(run.read_json(run.state), run.id)
        message = "Killed on request; it can go on from its last checkpoint."
        run.write_state(last.now(status="stopped", stage="", seconds_left=None, message=message))
        run.stop_request.unlink(missing_ok=True)


def _is_gone(process: psutil.Process) -> bool:
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _processes(run: Run, state: RunState) -> list[psutil.Process]:
    """The run's process and all that it started."""
    job = read_job(run)
    # Until it has spoken the state names the worker that started it.
    pid = job.pid if job is not None and job.worker == state.pid else state.pid
    if pid is None:
        return []
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def delete(run: Run) -> None:
    """Remove a run's directory; one that waits is taken out of the queue.

    Raises:
        UserError: it is still running, or the directory cannot be removed.
    """
    root = run.folder.absolute().parent
    with locked(root) as order:
        state = state_of(run)
        if state is not None and state.status in ("running", "stopping"):
            raise UserError(f"Run '{run.id}' is still running: stop it first.")
        if not run.folder.is_dir():
            raise UserError(f"There is no run '{run.folder}' to delete.")
        order.remove(run)
        # Out of sight at once and whole; removing a large directory takes its time.
        doomed = root / f".deleted-{run.id}-{secrets.token_hex(2)}"
        try:
            with alone(run):
                run.folder.rename(doomed)
        except OSError as error:
            raise UserError(f"Run '{run.id}' cannot be deleted: {error.strerror}.") from error
    shutil.rmtree(doomed, ignore_errors=True)


def describe(run: Run, **changes: Any) -> About:
    """Change what is said about a run.

    Args:
        run: any, also one that is at work.
        **changes: fields of `About`.

    Returns:
        All that is said now.

    Raises:
        UserError: it is no run, or a value is bad.
    """
    with locked(run.folder.absolute().parent):
        run.read_json(run.state)
        about = check(About, {**read_about(run).model_dump(), **changes}, "what is said about the run")
        write_about(run, about)
    return about
