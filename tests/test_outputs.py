"""What `--out` may name: never an input, whatever its name; another kind of file only where one agrees."""

from __future__ import annotations

import json
import os
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bcc import cli
from bcc.atomic_files import is_device, write_json
from bcc.cli.outputs import claim, claim_folder, claim_in
from bcc.datasets import load
from bcc.errors import UserError
from bcc.paths import cache_folder, data_folder, runs_folder
from bcc.runs import Run, RunState


def names_for(path: Path) -> list[Path]:
    """The same file by other names: relative, by a detour, by a link, a hard link and in other letters."""
    (path.parent / "link.npz").symlink_to(path)
    os.link(path, path.parent / "hard.npz")
    (path.parent / "folder").symlink_to(path.parent)
    return [
        path, Path(os.path.relpath(path)), path.parent / "x" / ".." / path.name, path.parent / "link.npz",
        path.parent / "hard.npz", path.parent / "folder" / path.name, path.with_name(path.name.upper()),
    ]  # fmt: skip


def test_an_input_by_any_name_is_refused(tiny_npz: Callable[..., Path], tmp_path: Path) -> None:
    data = tiny_npz(tmp_path / "data.npz", rows=8)
    before = data.read_bytes()
    (tmp_path / "x").mkdir()
    for out in names_for(data):
        with pytest.raises(UserError, match="is what the command reads"):
            claim(out, "set", True, "a run", str(data))
    assert data.read_bytes() == before


def test_an_input_by_its_fingerprint_or_in_the_data_folder(
    tiny_npz: Callable[..., Path], tmp_path: Path
) -> None:
    data = tiny_npz(tmp_path / "data.npz", rows=8)
    fingerprint = load(data).fingerprint
    with pytest.raises(UserError, match="is what the command reads"):
        claim(data, "set", True, fingerprint)
    data_folder().mkdir(exist_ok=True)
    dropped = tiny_npz(data_folder() / "dropped.npz", rows=8)
    with pytest.raises(UserError, match="is what the command reads"):
        claim(dropped, "set", True, "dropped.npz")
    with pytest.raises(UserError, match="lies in the cache"):
        claim(cache_folder() / fingerprint / "meta.json", "scores", True)
    claim(tmp_path / "new.npz", "set", False, fingerprint)


def test_an_older_result_is_replaced_and_another_file_is_not(
    tiny_npz: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = {
        "set": tiny_npz(tmp_path / "set.npz", rows=8),
        "scores": tmp_path / "scores.json",
        "table:predicted": tmp_path / "table.csv",
        "report": tmp_path / "report.html",
        "card": tmp_path / "card.md",
        "keras": tmp_path / "model.keras",
        "tflite": tmp_path / "model.tflite",
        "onnx": tmp_path / "model.onnx",
    }
    write_json(old["scores"], {"accuracy": 1.0, "n": 3})
    old["table:predicted"].write_text("index,predicted,a\n0,a,1\n")
    old["report"].write_text("<!doctype html><html></html>")
    old["card"].write_text("# Model card: x\n")
    with zipfile.ZipFile(old["keras"], "w") as file:
        for name in ("config.json", "metadata.json", "model.weights.h5"):
            file.writestr(name, "x")
    old["tflite"].write_bytes(b"\x1c\0\0\0TFL3")
    old["onnx"].write_bytes(b"\x08\x07")
    others = [
        tmp_path / "notes.txt",
        tmp_path / "weights.npz",
        tmp_path / "settings.json",
        tmp_path / "mine.csv",
    ]
    others[0].write_text("years of work")
    np.savez(others[1], weights=np.zeros(3))
    others[2].write_text(json.dumps({"mine": 1}))
    others[3].write_text("file,expert\na.png,lymphocyte\n")
    for kind, file in old.items():
        assert claim(file, kind, False) == file
        for other in [*others, *(one for name, one in old.items() if name != kind)]:
            with pytest.raises(UserError, match=r"exists and is no .* Replace it\? .* give --force"):
                claim(other, kind, False)
            assert claim(other, kind, True) == other
        (tmp_path / "empty").touch()
        claim(tmp_path / "empty", kind, False)
    monkeypatch.setattr("bcc.cli.options.on_terminal", lambda: True)
    monkeypatch.setattr("typer.confirm", lambda question: "notes.txt" in question)
    claim(others[0], "scores", False)


def test_a_file_of_a_run_is_never_written_over(tmp_path: Path) -> None:
    run = Run(runs_folder() / "mine")
    run.folder.mkdir(parents=True)
    run.write_state(RunState("finished"))
    for name in ("metrics.json", "config.json", "recipe-head.json", "robustness/x.json", "state.json"):
        for kind in ("scores", "table:predicted"):
            with pytest.raises(UserError, match="is one of the files of run 'mine'"):
                claim(run.folder / name, kind, True, "mine")
    claim(run.folder / "scores on other cells.json", "scores", False, "mine")
    with pytest.raises(UserError, match="belongs to the queue"):
        claim(runs_folder() / ".queue.json", "scores", True)


def test_a_image_of_the_set_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "set" / "a").mkdir(parents=True)
    image = tmp_path / "set" / "a" / "1.png"
    image.write_bytes(b"\x89PNG")
    with pytest.raises(UserError, match="is one of the files of"):
        claim(image, "table:predicted", True, str(tmp_path / "set"))
    with pytest.raises(UserError, match="is what the command reads"):
        claim(image, "table:predicted", True, [str(tmp_path / "set" / "*" / "*.png")])
    for folder in (tmp_path / "set", tmp_path / "set" / "a", tmp_path / "set" / "new"):
        with pytest.raises(UserError, match=r"which is read|what the command reads"):
            claim_folder(folder, str(tmp_path / "set"))
    with pytest.raises(UserError, match="is a file"):
        claim_folder(image, None)
    claim_folder(tmp_path / "maps", str(tmp_path / "set"))


def test_a_folder_is_no_file_and_a_full_one_no_saved_model(tmp_path: Path) -> None:
    (tmp_path / "model" / "variables").mkdir(parents=True)
    (tmp_path / "model" / "saved_model.pb").write_text("x")
    claim(tmp_path / "model", "savedmodel", False)
    with pytest.raises(UserError, match="is a folder"):
        claim(tmp_path / "model", "scores", True)
    (tmp_path / "model" / "thesis.txt").write_text("years of work")
    with pytest.raises(UserError, match=r"other things in it \(thesis.txt\)"):
        claim(tmp_path / "model", "savedmodel", True)


def test_files_in_a_folder_replace_their_own_kind_only(tmp_path: Path) -> None:
    names = {"0_gradcam.npy": "map", "0_gradcam.png": "picture", "files.csv": "table:explained"}
    claim_in(tmp_path / "new", names, False)
    np.save(tmp_path / "0_gradcam.npy", np.zeros((4, 4), np.float32))
    (tmp_path / "0_gradcam.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / "files.csv").write_text("index,file,explained\n0,a.png,b\n")
    claim_in(tmp_path, names, False)
    mine: dict[str, bytes] = {
        "files.csv": b"file,expert\na.png,lymphocyte\n",
        "0_gradcam.png": b"no image",
        "0_gradcam.npy": b"no array",
    }
    for name, content in mine.items():
        before = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(content)
        with pytest.raises(UserError, match=rf"{name}' exists and is no .* Replace it\? .* give --force"):
            claim_in(tmp_path, names, False)
        claim_in(tmp_path, names, True)
        (tmp_path / name).write_bytes(before)
    np.save(tmp_path / "0_gradcam.npy", np.zeros((4, 4, 3), np.float32))
    with pytest.raises(UserError, match="is no saliency map"):
        claim_in(tmp_path, names, False)


def test_explain_and_export_leave_other_peoples_files_alone(
    finished_run_folder: Path,
    named_learned: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
) -> None:
    def said(*words: object) -> str:
        monkeypatch.setattr(sys, "argv", ["bcc", *map(str, words)])
        with pytest.raises(SystemExit):
            cli.main()
        return capsys.readouterr().err

    maps, model = tmp_path / "maps", tmp_path / "model.keras"
    maps.mkdir()
    for file in (maps / "files.csv", tmp_path / "model.keras.json"):
        file.write_text("years of work")
    explain = ("explain", finished_run_folder, "--data", named_learned, "--indices", "0", "--out", maps)
    assert "files.csv' exists and is no table that this command writes" in said(*explain)
    assert sorted(path.name for path in maps.iterdir()) == ["files.csv"]
    assert (maps / "files.csv").read_text() == "years of work"
    export = ("export", finished_run_folder, "--out", model)
    assert "model.keras.json' exists and is no description of a model" in said(*export)
    assert not model.exists()
    for command in (explain, export):
        assert said(*command, "--force") == ""
        # What the command itself wrote is replaced.
        assert said(*command) == ""


@pytest.fixture
def named_learned(tiny_npz: Callable[..., Path], tmp_path: Path) -> Path:
    """A set whose rows have names of files."""
    return tiny_npz(tmp_path / "named.npz", rows=8, classes=4, files=np.array([f"{i}.png" for i in range(8)]))


def test_an_export_as_a_savedmodel_replaces_itself(finished_run_folder: Path, tmp_path: Path) -> None:
    from bcc.evaluation.reports.export_usage import usage_of
    from bcc.models.export_info import write_usage

    folder = tmp_path / "model"
    (folder / "variables").mkdir(parents=True)
    (folder / "saved_model.pb").write_text("x")
    write_usage(usage_of(Run(finished_run_folder), 32), "savedmodel", folder, folder, "input")
    claim(folder, "savedmodel", False)
    (folder / "about.json").write_text(json.dumps({"me": "years of work"}))
    with pytest.raises(UserError, match=r"other things in it \(about.json\)"):
        claim(folder, "savedmodel", False)


@pytest.mark.parametrize("name", ["", "x" * 5000, "~nobody-is-called-so/x", "a\0b", "\udcff.json"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(UserError, match=r"is empty|too long|not known|NUL|no UTF-8|no such"):
        claim(name, "scores", True)  # type: ignore[arg-type]


def test_a_device_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert is_device(tmp_path / "pipe")
    assert is_device(Path("/dev/null"))
    assert is_device(Path("/dev/stdout"))
    assert not is_device(tmp_path / "new")
    assert not is_device(tmp_path)
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    write_json(tmp_path / "pipe", {"a": 1})
    assert json.loads(os.read(reader, 100)) == {"a": 1}
    os.close(reader)
    assert is_device(claim(tmp_path / "pipe", "scores", False))


def test_the_command_asks_before_it_works(
    tiny_npz: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
) -> None:

    data = tiny_npz(tmp_path / "data.npz", rows=8, classes=2)
    before = data.read_bytes()
    for words, sentence in (
        (("clean", data, "--out", data), "is what the command reads"),
        (("augment", data, "--recipe", "flips", "--total", 9, "--out", data), "is what the command reads"),
        (("scan", data, "--out", data), "is what the command reads"),
    ):
        monkeypatch.setattr(sys, "argv", ["bcc", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert ended.value.code == 2
        assert sentence in capsys.readouterr().err
    assert data.read_bytes() == before
