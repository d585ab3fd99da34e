"""The process that takes runs out of the queue, one at a time, for one device, and goes when none is left.

    python -P .../bcc/launch.py bcc.jobs RUNS DEVICE

One worker lives for each device: it holds a lock that the kernel drops with it. It takes and leaves under
the queue's lock, so that whoever adds a run either sees it alive, and it will find the run, or sees that
none is there, and starts one. A worker that is killed loses nothing: its run goes on by itself, and the next
worker waits until the device is free.
"""

from __future__ import annotations

import os
import shlex
import socket
import subprocess
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import psutil
from filelock import FileLock, Timeout

from bcc.errors import UserError
from bcc.jobs.devices import device_names, environment
from bcc.jobs.job import Job, held_devices, write_job
from bcc.jobs.queue_order import Order, locked, state_of
from bcc.launch import python
from bcc.runs import ALIVE, Run, RunState
from bcc.training import TrainConfig, read_config

NICENESS = 10
"""Training on the CPU gives way to pages, so that they stay quick."""
PREFIX = "BCC_JOB_PREFIX"
"""Environment variable: words to put before the training command, for instance "systemd-run --scope"."""
_GLANCE = 1.0
"""Seconds between two looks at a device that is held by a run of a worker that is gone."""


def worker_lock(root: Path, device: str) -> FileLock:
    """The lock that a device's worker holds while it lives; acquire it only under the queue's lock."""
    return FileLock(root / f".worker-{device}.lock")


def command(run: Run) -> list[str]:
    """The command that trains a run, or goes on with one that began before: what a person would type."""
    bcc = [*shlex.split(os.environ.get(PREFIX, "")), *python("bcc", "train")]
    if run.log.exists():
        return [*bcc, "--resume", str(run.folder)]
    return [*bcc, "--config", str(run.config), "--run", str(run.folder)]


def work(root: Path, device: str) -> None:
    """Train what waits, until nothing does. Returns at once where the device has a worker."""
    lock = worker_lock(root, device)
    with locked(root) as order:
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return
        order.find_forgotten()
    try:
        while True:
            with locked(root) as order:
                started = _take(root, device, order)
                if started is None and not order.ids:
                    # Still under the queue's lock: whoever adds a run now finds this worker gone.
                    lock.release()
                    return
            if started is None:
                time.sleep(_GLANCE)
                continue
            run, process = started
            process.wait()
            with locked(root):
                settle(run, process.pid, process.returncode)
    finally:
        lock.release()


def _take(root: Path, device: str, order: Order) -> tuple[Run, subprocess.Popen] | None:
    """Start the first run in line that can be started; `None` where the device is held or none waits."""
    held = held_devices(root)
    if device in held:
        return None
    while order.ids:
        run = Run(root / order.ids[0])
        state = state_of(run)
        # Lost and in line: its worker died in the moment between taking and starting it.
        if state is None or state.status not in ("queued", "lost"):
            order.remove(run)
            continue
        try:
            config = read_config(run.config)
            chosen = _devices_for(config, device, held)
            if chosen is None:
                return None
            process = _start(run, state, chosen)
        except (UserError, OSError) as error:
            message = str(error) if isinstance(error, UserError) else f"It could not be started: {error}."
            run.write_state(state.now(status="failed", stage="", message=message))
            order.remove(run)
            continue
        order.remove(run)
        return run, process
    return None


def _devices_for(config: TrainConfig, device: str, held: set[str]) -> tuple[str, ...] | None:
    """This device, with others for a run that wants several; `None` while they are not free."""
    everything = device_names()
    # Left to itself, a run takes one, so that several runs share the GPUs.
    wanted = len(everything) if config.several_gpus == "on" else 1
    free = [name for name in everything if name not in held and name != device]
    return (device, *free[: wanted - 1]) if len(free) >= wanted - 1 else None


def _start(run: Run, before: RunState, devices: tuple[str, ...]) -> subprocess.Popen:
    """Start the process, detached from this one.

    The state is written before and by this process's own number; the run replaces it by its own as soon as
    it can speak. Writing it afterwards could overwrite what a quick run has said.
    """
    stage = "Starting again" if run.log.exists() else "Starting"
    run.write_state(replace(before, status="running", stage=stage, message="").mine())
    job = Job(devices, os.getpid(), None, time.time())
    write_job(run, job)
    run.stop_request.unlink(missing_ok=True)
    with run.console.open("ab") as console:
        process = subprocess.Popen(
            command(run),
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=console,
            start_new_session=True,
            env={**os.environ, **environment(devices)},
        )
    write_job(run, replace(job, pid=process.pid))
    if devices == ("cpu",):
        _give_way(process.pid)
    return process


def _give_way(pid: int) -> None:
    """Make a process nice."""
    with suppress(psutil.Error):
        psutil.Process(pid).nice(NICENESS)
    # Where Linux groups processes by session, niceness counts only within the group: the group is told too.
    with suppress(OSError):
        Path(f"/proc/{pid}/autogroup").write_text(str(NICENESS))


def settle(run: Run, pid: int, status: int) -> None:
    """Write down how a process ended that had no time to do so itself.

    Args:
        run: its run.
        pid: its number.
        status: how it ended: 0, an exit status, or minus a signal's number.
    """
    try:
        state = RunState.from_dict(run.read_json(run.state), run.id)
    except UserError:
        return
    if state.status not in ALIVE or state.host != socket.gethostname():
        return
    if state.pid not in (pid, os.getpid()):
        # Somebody else's word: queued again meanwhile, or trained by a process that was there before.
        return
    if status < 0:
        how = f"Its process was killed by signal {-status}: memory ran out, or somebody killed it."
        run.write_state(state.now(status="lost", stage="", seconds_left=None, message=how))
    else:
        last = run.tail(run.console, 1).strip().removeprefix("bcc: ")
        how = last or f"The training command ended with status {status} and said nothing."
        run.write_state(state.now(status="failed", stage="", seconds_left=None, message=how))


def start_workers(root: Path, devices: list[str]) -> None:
    """Start a worker, detached from this process, for each device."""
    for device in devices:
        with (root / f".worker-{device}.log").open("wb") as log:
            subprocess.Popen(
                python("bcc.jobs", str(root), device),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
