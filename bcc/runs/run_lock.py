"""A run is trained by one process at a time, whoever started it: a lock in its directory sees to that.

The kernel drops the lock with the process, however it ends, so a lock is never stale.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout

from bcc.errors import UserError
from bcc.runs.run import Run


@contextmanager
def alone(run: Run) -> Iterator[None]:
    """Hold the run's lock while the block runs.

    Raises:
        UserError: another process trains the run.
    """
    lock = FileLock(run.lock)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise UserError(f"Run '{run.id}' is being trained by another process: stop it first.") from error
    try:
        yield
    finally:
        lock.release()
