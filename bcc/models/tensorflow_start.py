"""Import TensorFlow once, whoever asks first, and without its start-up chatter.

TensorFlow and Keras import each other. Two threads that begin at different ends wait for each other's half,
Python breaks the tie by letting one import fail, and what has registered itself before that can never be
imported again: the process is lost. So the whole import happens under one lock, and code that runs beside
other threads comes through here before it uses either.

Importing claims no device. Which GPUs are seen is settled by the first `start_tensorflow`, just before they
are used.

TensorFlow's C++ side writes notes about missing GPU drivers and oneDNN straight to the process's standard
error, before any setting of its own is read; on a terminal they bury what BCC has to say.
"""

from __future__ import annotations

import importlib
import os
import re
import sys
import tempfile
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

_MODULES = ("tensorflow", "keras", "tf_keras_vis.gradcam")

_NOTE = re.compile(
    rb"WARNING: All log messages before absl::InitializeLog"
    rb"|[IWE]\d{4} \d\d:\d\d:\d+\.\d+ "
    rb"|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+: [IWE] "
    rb"|To enable the following instructions:"
)
"""How TensorFlow's notes begin; fatal ones are none of them."""

# Held for the whole import, and reentrant: whoever holds it may ask again.
_lock = threading.RLock()
_imported = False
_devices_settled = False
_failure: Exception | None = None


def import_tensorflow() -> None:
    """Import TensorFlow, Keras and tf-keras-vis, once; other threads wait. No device is touched.

    Raises:
        Exception: what the import raised. It rises again at every later call, since a second try in the same
            process would only meet the remains of the first.
    """
    global _imported, _devices_settled, _failure
    if _imported:
        return
    with _lock:
        if _imported:
            return
        if _failure is not None:
            raise _failure
        # Who has imported it by itself has its own mind about devices.
        _devices_settled = _devices_settled or "tensorflow" in sys.modules
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        # As nvidia-smi counts them, so that both mean the same by a number.
        os.environ.setdefault("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
        try:
            with _notes_dropped():
                for name in _MODULES:
                    importlib.import_module(name)
        except Exception as error:
            _failure = error
            raise
        _imported = True


def start_tensorflow(hidden_gpus: Collection[int] = ()) -> None:
    """Import TensorFlow and settle which GPUs this process sees; only the first call decides.

    Args:
        hidden_gpus: positions of GPUs to keep off, because a run holds them. Of the others memory is taken
            as it is needed, and not all at once.

    Raises:
        Exception: what the import raised.
    """
    global _devices_settled
    if _imported and _devices_settled:
        return
    with _lock:
        import_tensorflow()
        if _devices_settled:
            return
        config = sys.modules["tensorflow"].config
        with _notes_dropped():
            # The first question about devices sets off the rest of the notes.
            config.list_physical_devices()
            arrange_gpus(config, hidden_gpus)
        _devices_settled = True


def is_started() -> bool:
    """Whether TensorFlow is there and its devices are settled, so that using it waits for nothing."""
    return _imported and _devices_settled


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
def _notes_dropped() -> Iterator[None]:
    """Hold back what is written to file descriptor 2, and pass on all but TensorFlow's notes afterwards.

    Other threads may write there meanwhile, and what they say must not be lost.
    """
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as aside:
        os.dup2(aside.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(kept, 2)
            os.close(kept)
            aside.seek(0)
            if rest := b"".join(line for line in aside if not _NOTE.match(line)):
                os.write(2, rest)
