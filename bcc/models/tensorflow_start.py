"""Import TensorFlow without its start-up chatter.

Its C++ side writes notes about missing GPU drivers and oneDNN straight to the process's standard error,
before any setting of its own is read; on a terminal they bury what BCC has to say.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any


def start_tensorflow(hidden_gpus: Collection[int] = ()) -> None:
    """Import keras and TensorFlow, once; notes at the start are dropped, errors rise as ever.

    Args:
        hidden_gpus: positions of GPUs to keep off, because a run holds them. Of the others memory is taken
            as it is needed, and not all at once.
    """
    if "tensorflow" in sys.modules:
        return
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # As nvidia-smi counts them, so that both mean the same by a number.
    os.environ.setdefault("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
    with _standard_error_muted():
        tensorflow = importlib.import_module("tensorflow")
        # The first question about devices is what sets off the rest of the notes.
        tensorflow.config.list_physical_devices()
        arrange_gpus(tensorflow.config, hidden_gpus)


def arrange_gpus(config: Any, hidden: Collection[int]) -> None:
    """Hide some GPUs from this process and let memory grow on the others; before the first computation.

    Args:
        config: `tensorflow.config`.
        hidden: positions among the GPUs that TensorFlow lists.
    """
    gpus = config.list_physical_devices("GPU")
    seen = [gpu for position, gpu in enumerate(gpus) if position not in hidden]
    if len(seen) < len(gpus):
        config.set_visible_devices(seen, "GPU")
    for gpu in seen:
        config.experimental.set_memory_growth(gpu, True)


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
