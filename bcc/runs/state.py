"""Where a run stands: a small record that its process rewrites and everyone else only reads."""

from __future__ import annotations

import os
import socket
import time
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cache
from typing import Any, Literal

import psutil
from pydantic import TypeAdapter

from bcc.errors import UserError
from bcc.runs.file_schemas import Count, Moment, Seconds, Share, Speed

Status = Literal["queued", "running", "stopping", "stopped", "failed", "finished", "lost"]
ALIVE: tuple[Status, ...] = ("queued", "running", "stopping")
"""States in which a process is at work, or will be."""

_SILENCE = 120.0
"""Seconds without a word after which a process on another machine counts as gone; it writes every ten."""

_TICK = 0.05
"""Seconds by which two looks at the start of a process may differ; Linux counts hundredths."""


@dataclass(frozen=True)
class RunState:
    """One moment of a run.

    Attributes:
        status: what it is doing in one word; `lost` when its process died without a word.
        stage: what it is doing in a few words, for a person.
        epoch, epochs: epochs done, and wanted.
        step, steps: training steps done in all, and wanted.
        images_per_second: training speed, images a second, over the last steps.
        seconds_left: guess of the time to the end; `None` before there is a speed.
        best_validation_accuracy: 0..1; `None` before the first epoch ended.
        message: one sentence about why it failed or stopped early.
        pid, process_started: the process at work and when it began (seconds since 1970), together a
            name that no other process ever has.
        process_after_boot: when it began, in seconds since the machine was switched on: setting the clock
            moves the other number, not this one.
        host: the machine that the process is on.
        created, updated: seconds since 1970.
    """

    status: Status
    stage: str = ""
    epoch: Count = 0
    epochs: Count = 0
    step: Count = 0
    steps: Count = 0
    images_per_second: Speed | None = None
    seconds_left: Seconds | None = None
    best_validation_accuracy: Share | None = None
    message: str = ""
    pid: int | None = None
    process_started: float | None = None
    process_after_boot: float | None = None
    host: str = ""
    created: Moment = field(default_factory=time.time)
    updated: Moment = field(default_factory=time.time)

    @classmethod
    def from_dict(cls, values: Any, run_id: str) -> RunState:
        """Read what `to_dict` wrote; fields of a newer version are passed over.

        Raises:
            UserError: it is no state of a run.
        """
        known = {f.name for f in fields(cls)}
        try:
            chosen = {key: value for key, value in dict(values).items() if key in known}
            return _adapter().validate_python(chosen)
        except (TypeError, ValueError) as error:
            raise UserError(
                f"state.json of run '{run_id}' holds no state of a run: was it edited by hand?"
            ) from error

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)

    def now(self, **changes: Any) -> RunState:
        """A copy with some fields changed, stamped with this moment."""
        return replace(self, updated=time.time(), **changes)

    def mine(self) -> RunState:
        """A copy that says that this very process is at work."""
        began, after_boot = _began(psutil.Process())
        return self.now(
            pid=os.getpid(),
            process_started=began,
            process_after_boot=after_boot,
            host=socket.gethostname(),
        )

    def checked(self) -> RunState:
        """The state, or `lost` if it claims to be at work and its process is gone."""
        if self.status not in ALIVE or self.pid is None or self._process_lives():
            return self
        return replace(
            self,
            status="lost",
            message="The process ended without a word: the machine was switched off, memory ran out, "
            "or somebody killed it.",
        )

    def _process_lives(self) -> bool:
        """By its number and start time on this machine; elsewhere, on a shared disk, by its heartbeat."""
        if self.host and self.host != socket.gethostname():
            return time.time() - self.updated < _SILENCE
        try:
            process = psutil.Process(self.pid)
            began, after_boot = _began(process)
            same = abs(began - (self.process_started or 0)) < 2 or (
                self.process_after_boot is not None and abs(after_boot - self.process_after_boot) < _TICK
            )
            return same and process.status() != psutil.STATUS_ZOMBIE
        except (psutil.NoSuchProcess, ValueError, OverflowError):
            # Numbers that no process can have come from a file edited by hand.
            return False


def _began(process: psutil.Process) -> tuple[float, float]:
    """When a process began, in seconds since 1970 by the clock as it goes now, and since the machine did."""
    began = process.create_time()
    return began, began - psutil.boot_time()


@cache
def _adapter() -> TypeAdapter[RunState]:
    """Checks the types of a state; made once, because making it takes longer than reading a run."""
    return TypeAdapter(RunState)
