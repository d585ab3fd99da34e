"""Specs and commands that do without never load TensorFlow. The app begins to load it behind the scenes when
its first page is up: no page that does without waits for it, and no GPU is claimed before it is used."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

SCRIPT = """
import contextlib, importlib, io, json, pkgutil, sys
import bcc

for module in pkgutil.iter_modules(bcc.__path__, "bcc."):
    if module.name != "bcc.__main__":
        importlib.import_module(module.name)
from bcc.augment import catalogue, read_recipe, recipe_names
from bcc.datasets import Preprocessing, load
from bcc.models import ModelOptions
from bcc.training import TrainConfig, assemble, preset_names
[Preprocessing(), ModelOptions(), TrainConfig(), *(kind() for kind in catalogue().values())]
[assemble(preset=name) for name in preset_names()]
[read_recipe(name) for name in recipe_names()]
seen = {"specs": "tensorflow" in sys.modules}

from typer.testing import CliRunner
from bcc.cli import app as cli
for arguments in (["--help"], ["train", "--help"], ["info", sys.argv[1]], ["runs"]):
    answer = CliRunner().invoke(cli, arguments)
    assert answer.exit_code == 0, answer.output
seen["commands"] = "tensorflow" in sys.modules

# The first pages as if loading it took for ever.
import threading
from pages.parts.state import tensorflow_loading as warm
begun, go_on = threading.Event(), threading.Event()
real = warm.import_tensorflow
def slow():
    begun.set()
    go_on.wait()
    real()
warm.import_tensorflow = slow

from streamlit.testing.v1 import AppTest
app = AppTest.from_file(sys.argv[2], default_timeout=120)
app.query_params["data"] = load(sys.argv[1]).fingerprint
titles = [app.run().title[0].value]
for name in ("data", "train", "runs"):
    titles.append(app.switch_page(f"pages/{name}.py").run().title[0].value)
    assert not app.exception, app.exception
seen["pages"] = "tensorflow" in sys.modules
seen["begun"] = begun.is_set()

go_on.set()
warm.behind_the_scenes().join()
from bcc.models.tensorflow_start import is_started
from tensorflow.python.eager import context
seen["behind the scenes"] = "keras" in sys.modules
seen["devices"] = is_started() or context._context is not None
print(json.dumps({"loaded": seen, "titles": titles}))
"""


def test_who_loads_tensorflow_and_when(tiny_npz: Callable[..., Path], tmp_path: Path) -> None:
    path = tiny_npz(tmp_path / "tiny.npz", rows=40, classes=4)
    result = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(path), str(ROOT / "app.py")],
        cwd=ROOT,
        env={**os.environ, "BCC_DATA": str(tmp_path / "data"), "BCC_RUNS": str(tmp_path / "runs")},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert result.returncode == 0, result.stderr[-3000:]
    said = json.loads(result.stdout.strip().splitlines()[-1])
    assert said["titles"] == ["Blood cell classifiers", "Data", "Train", "Runs"]
    assert said["loaded"] == {
        "specs": False,
        "commands": False,
        "pages": False,
        "begun": True,
        "behind the scenes": True,
        "devices": False,
    }
