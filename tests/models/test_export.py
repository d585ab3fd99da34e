"""Exported models answer as the original; what cannot be written says why."""

from __future__ import annotations

import resource
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bcc.errors import UserError
from bcc.models import ARCHITECTURES, Architecture
from bcc.models.build import build_model
from bcc.models.export import FORMATS, SUFFIXES, Format, export_model, onnx_problem
from bcc.models.options import ModelOptions
from bcc.models.saving import load_model


@pytest.fixture(scope="module")
def model() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(ARCHITECTURES, "atto", Architecture((1, 1, 1, 1), (4, 8, 12, 16), 0.01, False))
        return build_model(ModelOptions(model="atto", image_size=32), classes=3)


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_gives_the_same_answers(model: Any, tmp_path: Path, format: Format) -> None:
    if format == "onnx" and onnx_problem():
        pytest.skip(onnx_problem())
    path = tmp_path / "new" / f"model{SUFFIXES[format]}"
    done = export_model(model, format, path)
    assert done.path == path
    assert path.exists()
    assert done.difference < 1e-5
    assert done.bytes > 1000
    assert [one.name for one in path.parent.iterdir()] == [path.name], "nothing unfinished is left"


def test_a_keras_file_can_be_loaded_again_and_replaced(model: Any, tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    for _ in range(2):
        export_model(model, "keras", path)
    images = np.zeros((1, 32, 32, 3), np.float32)
    np.testing.assert_allclose(load_model(path)(images), model(images), atol=1e-6)


@pytest.mark.parametrize("format", FORMATS)
def test_a_disk_without_room_is_one_sentence_and_keeps_what_was_there(
    model: Any, tmp_path: Path, format: Format
) -> None:
    """By a real limit on the size of files: TensorFlow writes some of them past Python."""
    if format == "onnx" and onnx_problem():
        pytest.skip(onnx_problem())
    path = tmp_path / f"mine{SUFFIXES[format]}"
    if format == "savedmodel":
        path.mkdir()
        (path / "saved_model.pb").write_bytes(b"old")
    else:
        path.write_bytes(b"old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (6000, before[1]))
    try:
        with pytest.raises(UserError, match=f"^Files may not be that large here: '{path.name}' could not be"):
            export_model(model, format, path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert (path / "saved_model.pb" if path.is_dir() else path).read_bytes() == b"old"
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_other_answers_are_refused(model: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(_: Any, path: Path) -> Any:
        path.write_bytes(b"x")
        return lambda images: np.asarray(model(images)) + 0.1

    monkeypatch.setattr("bcc.models.export._keras", wrong)
    with pytest.raises(UserError, match="answers otherwise"):
        export_model(model, "keras", tmp_path / "model.keras")
    assert not list(tmp_path.iterdir())


def test_places_that_are_taken(model: Any, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "notes.txt").write_text("mine")
    (tmp_path / "file").write_text("mine")
    with pytest.raises(UserError, match="is a folder: give another name"):
        export_model(model, "tflite", tmp_path / "folder")
    with pytest.raises(UserError, match="is a file: give another name"):
        export_model(model, "savedmodel", tmp_path / "file")
    with pytest.raises(UserError, match="with other things in it"):
        export_model(model, "savedmodel", tmp_path / "folder")
    assert (tmp_path / "folder" / "notes.txt").exists()
    with pytest.raises(UserError, match="There is no format 'pickle'"):
        export_model(model, "pickle", tmp_path / "x")  # type: ignore[arg-type]


def test_without_the_converter_it_says_what_to_install(
    model: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import importlib.util

    found = importlib.util.find_spec
    monkeypatch.setattr(
        "importlib.util.find_spec", lambda name, *rest: None if name == "tf2onnx" else found(name, *rest)
    )
    with pytest.raises(UserError, match="ONNX needs tf2onnx: pip install"):
        export_model(model, "onnx", tmp_path / "model.onnx")
