"""Stop, kill, delete and describe single runs, safely beside workers and other people doing the same."""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from bcc.errors import UserError
from bcc.jobs.job import read_job
from bcc.jobs.queue_order import locked, state_of
from bcc.paths import runs_folder
from bcc.runs import (
    About,
    Run,
    RunState,
    alone,
    deletable,
    is_shipped,
    read_about,
    refuse_shipped,
    write_about,
)
from bcc.specs import check
from bcc.trash import Discarded, discard, discarded, empty, take_back

_DEATH = 10.0
"""Seconds that a killed process may take to be gone."""


def stop(run: Run) -> None:
    """Ask a run to stop after the step that it is at: it saves a checkpoint and scores itself. One that waits
    is taken out of the queue. Nothing happens to one that has ended.

    Raises:
        UserError: it is no run, or the one that ships.
    """
    refuse_shipped(run, "stopped")
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
    refuse_shipped(run, "killed")
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


def delete(run: Run, root: Path | None = None) -> Discarded:
    """Move a run's directory to the trash of the runs folder; one that waits is taken out of the queue.

    Args:
        run: it must lie directly in the runs folder; a damaged one counts.
        root: the runs folder; the usual one when missing.

    Returns:
        Where it lies now, for `restore`.

    Raises:
        UserError: it is no run of this folder, it is still running, or it cannot be moved.
    """
    root = (root or runs_folder()).absolute()
    deletable(run.folder, root)
    with locked(root) as order:
        run = deletable(run.folder, root)
        state = state_of(run)
        if state is not None and state.status in ("running", "stopping"):
            raise UserError(f"Run '{run.id}' is still running: stop it first.")
        order.remove(run)
        try:
            with alone(run):
                if state is not None and state.status == "queued":
                    # Taken back it does not stand in line again behind anyone's back.
                    with suppress(UserError):
                        run.write_state(
                            state.now(status="stopped", stage="", message="Taken out of the queue.")
                        )
                return discard(run.folder)
        except OSError as error:
            raise UserError(f"'{run.folder}' cannot be deleted: {error.strerror or error}.") from error


def deleted(root: Path | None = None) -> list[Discarded]:
    """The runs in the trash, deleted last first."""
    return discarded((root or runs_folder()).absolute())


def restore(one: Discarded) -> Run:
    """Take a run back from the trash.

    Raises:
        UserError: there is another run of its name by now, or it is no longer in the trash.
    """
    with locked(one.home.parent):
        return Run(take_back(one))


def empty_trash(root: Path | None = None) -> int:
    """Remove the runs in the trash for good.

    Returns:
        How many there were.

    Raises:
        UserError: something cannot be removed.
    """
    root = (root or runs_folder()).absolute()
    return empty(root) if root.is_dir() else 0


def describe(run: Run, **changes: Any) -> About:
    """Change what is said about a run.

    Args:
        run: any, also one that is at work.
        **changes: fields of `About`.

    Returns:
        All that is said now.

    Raises:
        UserError: it is no run, it is the one that ships, or a value is bad.
    """
    if is_shipped(run):
        raise UserError(f"'{run.id}' is the model that ships with BCC: nothing is written about it.")
    with locked(run.folder.absolute().parent):
        run.read_json(run.state)
        about = check(About, {**read_about(run).model_dump(), **changes}, "what is said about the run")
        write_about(run, about)
    return about
