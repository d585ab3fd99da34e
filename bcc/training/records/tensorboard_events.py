"""The same numbers as history.csv and batches.csv, as event files: `tensorboard --logdir runs` shows them.

Records are written one after the other by hand and not by TensorBoard's own thread, so that a full disk is
found at the step that it happens in.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from bcc.atomic_files import explaining_full_disk

NAMES = {
    "loss": "loss/training",
    "validation_loss": "loss/validation",
    "accuracy": "accuracy/training",
    "validation_accuracy": "accuracy/validation",
    "learning_rate": "learning rate",
    "images_per_second": "images per second",
}
"""Columns that are drawn, and what TensorBoard calls them; of batches with "batch " before."""


class EventFile:
    """Appends to a new event file of a run; nothing is opened before the first number.

    Args:
        folder: the run directory.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file: BinaryIO | None = None
        self._first_step = 0

    def start_at(self, step: int) -> None:
        """What other event files of the run say of steps after this one is void: a resume takes them anew."""
        self._first_step = step + 1

    def add_epoch(self, row: Mapping[str, Any], step: int) -> None:
        """Write the numbers of an epoch that ended with `step`."""
        self._add(row, step, "")

    def add_batch(self, row: Mapping[str, Any]) -> None:
        """Write the numbers of a step."""
        self._add(row, int(row["step"]), "batch ")

    def close(self) -> None:
        """Nothing more will be written."""
        if self._file:
            self._file.close()
            self._file = None

    def _add(self, row: Mapping[str, Any], step: int, before: str) -> None:
        from tensorboard.compat.proto.summary_pb2 import Summary

        values = [
            Summary.Value(tag=f"{before}{NAMES[name]}", simple_value=float(value))
            for name, value in row.items()
            if name in NAMES
        ]
        self._write(step=step, summary=Summary(value=values))

    def _write(self, **content: Any) -> None:
        from tensorboard.compat.proto.event_pb2 import Event, SessionLog
        from tensorboard.summary.writer.record_writer import RecordWriter

        with explaining_full_disk(self.folder / "events"):
            events = [Event(wall_time=time.time(), **content)]
            if self._file is None:
                path = self.folder / f"events.out.tfevents.{time.time():.3f}"
                self._file = path.open("ab")
                begin = SessionLog(status=SessionLog.START)
                head = Event(wall_time=time.time(), file_version="brain.Event:2")
                events = [
                    head,
                    Event(wall_time=time.time(), step=self._first_step, session_log=begin),
                    *events,
                ]
            for event in events:
                RecordWriter(self._file).write(event.SerializeToString())
            self._file.flush()
