"""TensorFlow is imported once, whoever asks, without touching a device, and without its notes; GPUs that
others hold are hidden."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from bcc.models import tensorflow_start
from bcc.models.tensorflow_start import arrange_gpus, import_tensorflow

THREADS = """
import json, sys, threading
from bcc.models.tensorflow_start import import_tensorflow, is_started, start_tensorflow

together, problems, claimed = threading.Barrier(16), [], []

def use(number):
    try:
        together.wait()
        if number % 2:
            import_tensorflow()
            import keras
        else:
            start_tensorflow()
            import keras
        assert keras.layers.Dense(1).units == 1
        import tensorflow as tf
        assert list(tf.data.Dataset.range(2).as_numpy_iterator()) == [0, 1]
        assert float(keras.ops.sum(tf.ones(3))) == 3
    except BaseException as error:
        problems.append(f"{number}: {type(error).__name__}: {error}"[:300])

threads = [threading.Thread(target=use, args=(number,)) for number in range(16)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print("said by another thread", file=sys.stderr)
print(json.dumps({"problems": problems, "started": is_started()}))
"""

IMPORTED_ONLY = """
import json, os
from bcc.models.tensorflow_start import import_tensorflow, is_started, start_tensorflow

import_tensorflow()
from tensorflow.python.eager import context

untouched = context._context is None
before = is_started()
start_tensorflow()
print(json.dumps({"untouched": untouched, "before": before, "after": is_started()}))
"""


def _fresh(script: str) -> tuple[dict, str]:
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=240)
    assert result.returncode == 0, result.stderr[-3000:]
    return json.loads(result.stdout.strip().splitlines()[-1]), result.stderr


def test_sixteen_threads_import_it_at_once() -> None:
    said, errors = _fresh(THREADS)
    assert said == {"problems": [], "started": True}
    # Notes of TensorFlow are gone, what others say is not.
    assert errors.strip() == "said by another thread"


def test_importing_touches_no_device() -> None:
    """TensorFlow's context, which claims GPUs, is made by the first question about devices."""
    said, _ = _fresh(IMPORTED_ONLY)
    assert said == {"untouched": True, "before": False, "after": True}


def test_a_failed_import_says_the_same_every_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second try would meet the remains of the first, and hide why it went wrong."""
    monkeypatch.setattr(tensorflow_start, "_imported", False)
    monkeypatch.setattr(tensorflow_start, "_failure", None)
    monkeypatch.setattr(tensorflow_start, "_MODULES", ("no_such_module_anywhere",))
    with pytest.raises(ModuleNotFoundError) as first:
        import_tensorflow()
    monkeypatch.setattr(tensorflow_start, "_MODULES", ())
    with pytest.raises(ModuleNotFoundError) as second:
        import_tensorflow()
    assert second.value is first.value


def test_what_others_write_is_passed_on(capfd: pytest.CaptureFixture[str]) -> None:
    notes = [
        "WARNING: All log messages before absl::InitializeLog() is called are written to STDERR",
        "I0000 00:00:1795652571.517626    9621 port.cc:153] oneDNN custom operations are on.",
        "2026-01-31 14:25:00.123456: W tensorflow/stream_executor/platform.cc:64] Could not load libcudart",
        "To enable the following instructions: AVX2 FMA, rebuild TensorFlow.",
    ]
    kept = ["Traceback (most recent call last):", "2026-01-31 14:25:00.123 a warning of the server"]
    with tensorflow_start._notes_dropped():
        os.write(2, "\n".join([*notes, *kept]).encode())
    assert capfd.readouterr().err.strip().splitlines() == kept


class Config:
    """What `tensorflow.config` offers, on a machine with three GPUs."""

    def __init__(self) -> None:
        self.visible: list[str] | None = None
        self.growing: list[str] = []
        self.experimental = SimpleNamespace(set_memory_growth=lambda gpu, grows: self.growing.append(gpu))

    def list_physical_devices(self, kind: str) -> list[str]:
        assert kind == "GPU"
        return ["a", "b", "c"]

    def set_visible_devices(self, gpus: list[str], kind: str) -> None:
        assert kind == "GPU"
        self.visible = gpus


@pytest.mark.parametrize(
    ("hidden", "visible", "growing"),
    [([], None, ["a", "b", "c"]), ([1], ["a", "c"], ["a", "c"]), ([0, 1, 2], [], [])],
)
def test_what_is_held_is_hidden(hidden: list[int], visible: list[str] | None, growing: list[str]) -> None:
    config = Config()
    arrange_gpus(config, hidden)
    assert (config.visible, config.growing) == (visible, growing)
