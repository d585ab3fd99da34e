"""Which devices a run was started on, and by whom: job.json in its directory, written by the worker."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from bcc.errors import UserError
from bcc.jobs.devices import device_names
from bcc.jobs.queue_order import state_of
from bcc.runs import ALIVE, Run, write_json


@dataclass(frozen=True)
class Job:
    """The last time that a worker started a run.

    Attributes:
        devices: names of the devices that it holds while its process lives.
        worker: process id of the worker.
        pid: of the process that it started; `None` in the moment before.
        started: seconds since 1970.
    """

    devices: tuple[str, ...]
    worker: int
    pid: int | None
    started: float


def write_job(run: Run, job: Job) -> None:
    """Replace job.json."""
    write_json(run.job, asdict(job))


def read_job(run: Run) -> Job | None:
    """What the worker wrote; `None` where none ever started the run, or the file is damaged."""
    try:
        values = run.read_json(run.job)
    except UserError:
        return None
    return Job(tuple(values["devices"]), values["worker"], values["pid"], values["started"])


def at_work(root: Path) -> dict[Run, Job]:
    """The runs whose process lives and that a worker started."""
    found = {}
    for folder in root.iterdir() if root.is_dir() else ():
        run = Run(folder)
        job = None if folder.name.startswith(".") else read_job(run)
        if job is not None:
            state = state_of(run)
            if state is not None and state.status in ALIVE and state.status != "queued":
                found[run] = job
    return found


def held_devices(root: Path) -> set[str]:
    """Names of the devices that runs hold at this moment."""
    return {name for job in at_work(root).values() for name in job.devices}


def gpus_to_keep_off(root: Path) -> list[int]:
    """Positions, as a program sees them, of the GPUs that runs hold now: whoever else computes keeps off."""
    held = held_devices(root)
    return [position for position, name in enumerate(device_names()) if name != "cpu" and name in held]
