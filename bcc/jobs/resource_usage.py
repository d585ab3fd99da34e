"""What a run takes of the machine at this moment: memory, processor, and the GPU that it holds."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass

import psutil

from bcc.jobs.devices import devices
from bcc.jobs.job import read_job
from bcc.runs import Run, RunState

_known: dict[int, psutil.Process] = {}
"""Processes that were asked before: their load is counted from one question to the next."""


@dataclass(frozen=True)
class Usage:
    """A run's share of the machine.

    Attributes:
        memory: bytes of its process.
        cpu: share of all processors that it keeps busy, 0..1.
        gpu: share of the time that its GPUs are busy, 0..1; `None` without one.
        gpu_memory: bytes in use on them; `None` without one.
    """

    memory: int
    cpu: float
    gpu: float | None = None
    gpu_memory: int | None = None


def usage(run: Run, state: RunState) -> Usage | None:
    """What a run takes now; `None` where its process is not on this machine."""
    if state.pid is None:
        return None
    try:
        process = _known.setdefault(state.pid, psutil.Process(state.pid))
        cpu = process.cpu_percent() / 100 / (os.cpu_count() or 1)
        memory = process.memory_info().rss
    except (psutil.Error, ValueError, OverflowError):
        with suppress(KeyError):
            del _known[state.pid]
        return None
    job = read_job(run)
    held = job.devices if job is not None else ()
    gpus = [one for one in devices() if one.name in held and one.is_gpu] if held not in ((), ("cpu",)) else []
    if not gpus:
        return Usage(memory, min(cpu, 1.0))
    loads = [one.load for one in gpus if one.load is not None]
    busy = sum(loads) / len(loads) if loads else None
    return Usage(memory, min(cpu, 1.0), busy, sum(one.memory_used for one in gpus))
