"""Exported models carry what is needed to use them: the example runs by itself and gives the app's answer."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bcc.datasets import Preprocessing
from bcc.datasets.uploaded_images import preprocessed_for_run, read_uploaded
from bcc.evaluation.calibration.temperature import calibration_of
from bcc.evaluation.reports.export_usage import usage_of
from bcc.models.export import FORMATS, SUFFIXES, Format, export_model, onnx_problem
from bcc.models.prediction import Predictor
from bcc.models.saving import load_model
from bcc.runs import Run, write_json

NAMES = ["<b>é</b>", "=1+1", "two\nlines", 'quote" and \\']


@pytest.fixture(scope="module")
def run(finished_run_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A finished run whose classes have difficult names, and whose answers are calibrated."""
    run = Run(shutil.copytree(finished_run_folder, tmp_path_factory.mktemp("exported") / "a run's {id}"))
    write_json(run.dataset, {**run.read_json(run.dataset), "class_names": NAMES})
    calibration_of(run)
    told = run.read_json(run.calibration)
    write_json(run.calibration, {**told, "temperature": 1.7, "n": 30})
    assert calibration_of(run).temperature == 1.7
    return run


@pytest.fixture
def images(tmp_path: Path) -> list[Path]:
    """Photographs of several sizes and kinds, one of them turned by its tag, one transparent."""
    rng = np.random.default_rng(0)
    turned = Image.Exif()
    turned[0x0112] = 6
    made = []
    for name, shape, more in (
        ("a.png", (32, 32, 3), {}),
        ("b.png", (360, 363, 3), {}),
        ("c.jpg", (100, 250, 3), {"exif": turned}),
        ("d.png", (40, 50, 4), {}),
        ("e.bmp", (20, 24), {}),
    ):
        made.append(tmp_path / name)
        Image.fromarray(rng.integers(0, 256, shape, np.uint8)).save(tmp_path / name, **more)
    return made


@pytest.fixture(scope="module")
def exported(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Format], Path]:
    """The model in some format, made once."""
    folder = tmp_path_factory.mktemp("elsewhere")

    def make(format: Format) -> Path:
        if format == "onnx" and onnx_problem():
            pytest.skip(onnx_problem())
        out = folder / f"my model{SUFFIXES[format]}"
        if not out.exists():
            export_model(load_model(run.model), format, out, usage=usage_of(run, 32))
        return out

    return make


@pytest.mark.parametrize(
    ("format", "preprocessing"),
    [*((format, "none") for format in FORMATS), ("onnx", "challenge"), ("onnx", "resize:48")],
)
def test_the_example_gives_the_apps_answer(
    run: Run,
    exported: Callable[[Format], Path],
    images: list[Path],
    tmp_path: Path,
    format: Format,
    preprocessing: str,
) -> None:
    out = exported(format)
    inside = format == "savedmodel"
    script = out / "example.py" if inside else out.with_name(f"{out.name}.example.py")
    about = out / "about.json" if inside else out.with_name(f"{out.name}.json")
    size = {"none": 32, "challenge": 96, "resize:48": 48}[preprocessing]
    told = json.loads(about.read_text(encoding="utf-8"))
    write_json(about, {**told, "preprocessing": preprocessing, "picture_size": [size, size]})

    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, str(script), *map(str, images)],
        cwd=tmp_path, env=environment, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    write_json(about, told)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "import bcc" not in script.read_text(encoding="utf-8"), "it stands by itself"
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one.pop("file") for one in said] == [str(path) for path in images]
    assert [list(one) for one in said] == [NAMES] * len(images)

    handed = read_uploaded([(path.name, path.open("rb")) for path in images])
    made = preprocessed_for_run(handed, Preprocessing.parse(preprocessing), (size, size))
    wanted = calibration_of(run)(Predictor(load_model(run.model))(made))
    np.testing.assert_allclose([list(one.values()) for one in said], wanted, atol=2e-4)


def test_what_goes_along_is_written_down(run: Run, exported: Callable[[Format], Path]) -> None:
    import onnx

    out = exported("onnx")
    names = ["my model.onnx", "my model.onnx.example.py", "my model.onnx.json"]
    assert sorted(path.name for path in out.parent.glob("*.onnx*")) == names
    inside = {entry.key: entry.value for entry in onnx.load(str(out)).metadata_props}
    about = json.loads(out.with_name(f"{out.name}.json").read_text(encoding="utf-8"))
    assert json.loads(inside["class_names"]) == about["class_names"] == NAMES
    assert json.loads(inside["temperature"]) == about["temperature"] == 1.7
    assert inside["preprocessing"] == about["preprocessing"] == run.read_json(run.dataset)["preprocessing"]
    assert about["calibrated_on"] == 30
    assert len(about["example"].splitlines()) == 3
    assert about["example"] == inside["example"]
    assert about["example"] in out.with_name(f"{out.name}.example.py").read_text(encoding="utf-8")


def test_a_run_that_was_not_calibrated_says_so(run: Run, tmp_path: Path) -> None:
    bare = Run(shutil.copytree(run.folder, tmp_path / "bare"))
    bare.predictions.unlink()
    usage = usage_of(bare, 32)
    assert (usage.temperature, usage.calibrated_on) == (1.0, 0)
