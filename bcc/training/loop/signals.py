"""Turn SIGTERM and Ctrl-C into a polite request to stop, so that nothing is lost."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from bcc.runs import Run


@contextmanager
def stop_on_signals(run: Run) -> Iterator[None]:
    """While the block runs, either signal asks the run to stop; a second Ctrl-C ends it at once.

    Outside the main thread, where Python allows no handlers, nothing changes.
    """

    def ask(number: int, frame: object) -> None:
        if number == signal.SIGINT and run.stop_request.exists():
            raise KeyboardInterrupt
        run.stop_request.touch()

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
