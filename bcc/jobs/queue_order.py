"""The order in which runs wait: a list of ids in `runs/.queue.json`, changed under a lock.

Nothing else is kept there. What a run is and how far it has got is in its own directory, so that a lost or
damaged order costs the order alone: runs that say "queued" are found again and stand in line as they came.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from bcc.atomic_files import why_not_written, write_json
from bcc.errors import UserError
from bcc.json_files import read_json
from bcc.runs import Run, RunState

_PATIENCE = 60.0
"""Seconds to wait for the lock; everyone holds it for some milliseconds."""


class Order:
    """The ids of the waiting runs, first to last, while the lock is held.

    Args:
        root: the folder of runs.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.ids = in_line(root)

    def __contains__(self, run: Run) -> bool:
        return run.id in self.ids

    def add(self, run: Run) -> None:
        """Put a run at the end, once."""
        if run.id not in self.ids:
            self.ids.append(run.id)

    def remove(self, run: Run) -> None:
        """Take a run out, if it is there."""
        self.ids = [one for one in self.ids if one != run.id]

    def save(self) -> None:
        """Write the order down. `locked` does so too, at the end of its block."""
        if self.ids != in_line(self.root):
            write_json(queue_file(self.root), {"order": self.ids})

    def find_forgotten(self) -> None:
        """Add runs that say that they wait and are not in line: whoever submitted them died, or the order
        was lost."""
        waiting: list[tuple[float, str]] = []
        for folder in self.root.iterdir() if self.root.is_dir() else ():
            run = Run(folder)
            if folder.name.startswith(".") or run in self or not run.state.exists():
                continue
            state = state_of(run)
            if state is not None and state.status == "queued" and run.config.exists():
                waiting.append((state.updated, run.id))
        self.ids += [run_id for _, run_id in sorted(waiting)]


@contextmanager
def locked(root: Path) -> Iterator[Order]:
    """Hold the queue's lock; the order is written at the end, also where the block raises.

    Raises:
        UserError: the folder cannot be made, or the lock was not to be had.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(why_not_written(error, f"the runs folder '{root}'", done="made")) from error
    lock = FileLock(root / ".queue.lock")
    try:
        lock.acquire(timeout=_PATIENCE)
    except Timeout as error:
        raise UserError(
            f"The queue of '{root}' is locked by a process that does not let go: look for one that hangs."
        ) from error
    except OSError as error:
        raise UserError(why_not_written(error, f"the runs folder '{root}'")) from error
    try:
        order = Order(root)
        try:
            yield order
        finally:
            order.save()
    finally:
        lock.release()


def queue_file(root: Path) -> Path:
    """Where the order is kept."""
    return root / ".queue.json"


def waiting(root: Path) -> list[Run]:
    """The runs in line, first to last, read without the lock."""
    runs = [Run(root / run_id) for run_id in in_line(root)]
    return [run for run in runs if (state := state_of(run)) is not None and state.status == "queued"]


def state_of(run: Run) -> RunState | None:
    """Where a run stands; `None` where its state is missing or damaged."""
    try:
        return run.read_state()
    except UserError:
        return None


def _is_an_id(text: str) -> bool:
    """Whether a folder in the runs folder can be called so."""
    return 0 < len(text.encode()) <= 255 and not text.startswith(".") and not set(text) & {"/", "\0"}


def in_line(root: Path) -> list[str]:
    """The ids of the runs in line as the file says; none where it is missing or damaged."""
    try:
        ids = read_json(queue_file(root))["order"]
        return [one for one in ids if isinstance(one, str) and _is_an_id(one)]
    except (OSError, ValueError, KeyError, TypeError):
        return []
