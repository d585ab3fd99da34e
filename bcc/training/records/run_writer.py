"""What a run writes down while it trains: its state, a row an epoch, a row a step, and a log.

The page and the command line follow a run by reading these files.
"""

from __future__ import annotations

import csv
import logging
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from bcc.atomic_files import explaining_full_disk
from bcc.errors import UserError
from bcc.runs import Run, RunState, replacing
from bcc.training.records.tensorboard_events import EventFile

LOGGER = logging.getLogger("bcc")

RESERVE = 65_536
"""Bytes that a run holds back, so that it can still say how it ended when the disk is full."""

_HEARTBEAT = 1.0
"""Seconds between two writings of the state at most, so that disks are not kept busy."""
_SILENCE = 10.0
"""Seconds after which the state is written even though nothing happened, so that others see that it lives."""


_SURE = 3.0
"""Seconds of a stage after which the time that it takes can be guessed."""


class RunWriter:
    """The writing side of a run directory; use it in a `with` block."""

    def __init__(self, run: Run, state: RunState) -> None:
        self.run = run
        self.state = state
        self._written = 0.0
        self._share: tuple[float, float, float] | None = None
        """When a stage's progress began, and its share done last and then."""
        self._writing = threading.Lock()
        self._ended = threading.Event()
        self._events = EventFile(run.folder)
        self._handler = _Log(run.log, encoding="utf-8")
        self._handler.setFormatter(logging.Formatter("%(asctime)s  %(message)s", "%Y-%m-%d %H:%M:%S"))
        LOGGER.setLevel(logging.INFO)
        LOGGER.addHandler(self._handler)
        try:
            with explaining_full_disk(self._reserve):
                self._reserve.write_bytes(bytes(RESERVE))
            self.update(force=True)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> RunWriter:
        threading.Thread(target=self._keep_beating, name="heartbeat", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Nothing more will be written."""
        self._ended.set()
        self._events.close()
        LOGGER.removeHandler(self._handler)
        self._handler.close()
        self._reserve.unlink(missing_ok=True)

    @property
    def _reserve(self) -> Path:
        return self.run.folder / ".reserve"

    def fail(self, what: str) -> None:
        """Say why the run ended, with the room that was held back if there is no other."""
        self._reserve.unlink(missing_ok=True)
        with suppress(UserError):
            self.update(force=True, status="failed", stage="", seconds_left=None, message=what)
        with suppress(UserError):
            LOGGER.error("Failed: %s", what)

    def update(self, force: bool = False, **changes: Any) -> None:
        """Change the state; it reaches the disk at most once a second unless `force` is set."""
        with self._writing:
            if self.state.status == "running" and self.run.stop_request.exists():
                changes.setdefault("status", "stopping")
            self.state = self.state.now(**changes)
            if force or time.monotonic() - self._written >= _HEARTBEAT:
                self.run.write_state(self.state)
                self._written = time.monotonic()

    def _keep_beating(self) -> None:
        """Write the state in long silences: while a model is compiled, say, or a large set is read."""
        while not self._ended.wait(_SILENCE):
            if time.monotonic() - self._written >= _SILENCE:
                with suppress(OSError, UserError):
                    self.update(force=True)

    def begin_stage(self, stage: str) -> None:
        """Begin a stage: it goes to the log and the state."""
        LOGGER.info(stage)
        self._share = None
        self.update(force=True, stage=stage)

    def report(self, share: float, text: str) -> None:
        """Progress within a stage, as callbacks of `bcc` give it, and how long it will go on."""
        now = time.monotonic()
        if self._share is None or share < self._share[1]:
            self._share = (now, share, share)
        began, _, first = self._share
        self._share = (began, share, first)
        left = (now - began) * (1 - share) / (share - first) if share > first else 0.0
        # A guess from the first moments would be wild.
        about = f", about {_duration(left)} left" if now - began >= _SURE and left >= 1 else ""
        self.update(stage=f"{text}{about}")

    def stop_wanted(self) -> bool:
        """Whether somebody asked the run to stop."""
        return self.run.stop_request.exists()

    def add_epoch(self, row: dict[str, Any]) -> None:
        """Append a row to history.csv."""
        _append(self.run.history, row)
        self._events.add_epoch(row, self.state.step)

    def add_batch(self, row: dict[str, Any]) -> None:
        """Append a row to batches.csv."""
        _append(self.run.batches, row)
        self._events.add_batch(row)

    def truncate_after(self, step: int, epoch: int) -> None:
        """Cut what was written after a checkpoint, so that a resumed history has no row twice."""
        for path, frame, column, last in (
            (self.run.batches, self.run.read_batches(), "step", step),
            (self.run.history, self.run.read_history(), "epoch", epoch),
        ):
            if not len(frame):
                # At most a piece of a line, and a row must not be put behind that.
                path.unlink(missing_ok=True)
            else:
                with replacing(path) as file:
                    frame[frame[column] <= last].to_csv(file, index=False, lineterminator="\n")
        self._events.start_at(step)


class _Log(logging.FileHandler):
    """A log whose disk may be full: then the run ends, as it does when any other file cannot be written."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        error = sys.exc_info()[1]
        if isinstance(error, OSError):
            with explaining_full_disk(Path(self.baseFilename)):
                raise error
        super().handleError(record)


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} minutes"


def _append(path: Path, row: dict[str, Any]) -> None:
    with explaining_full_disk(path):
        new = not path.exists() or path.stat().st_size == 0
        with path.open("a", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(row), lineterminator="\n")
            if new:
                writer.writeheader()
            writer.writerow({key: f"{v:.6g}" if isinstance(v, float) else v for key, v in row.items()})
