"""Import TensorFlow without its start-up chatter.

Its C++ side writes notes about missing GPU drivers and oneDNN straight to the process's standard error,
before any setting of its own is read; on a terminal they bury what BCC has to say.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


def start_tensorflow() -> None:
    """Import keras and TensorFlow, once; notes at the start are dropped, errors rise as ever."""
    if "tensorflow" in sys.modules:
        return
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with _standard_error_muted():
        tensorflow = importlib.import_module("tensorflow")
        # The first question about devices is what sets off the rest of the notes.
        tensorflow.config.list_physical_devices()


@contextmanager
def _standard_error_muted() -> Iterator[None]:
    """Point file descriptor 2 to nowhere while the block runs."""
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
