"""`bcc transfer` as a person types it."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bcc import cli

TinyNpz = Callable[..., Path]


def call(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["bcc", *map(str, arguments)])
    try:
        cli.main()
    except SystemExit as ending:
        return int(ending.code or 0)
    return 0


def test_transfer_writes_and_prints_the_scores(
    finished_run_folder: Path,
    tiny_npz: TinyNpz,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    data = tiny_npz(rows=48, classes=4, seed=3, class_names=np.array(["amber", "blue", "cyan", "smudge"]))
    out = tmp_path / "there.json"
    run = shutil.copytree(finished_run_folder, tmp_path / "run")
    assert call(monkeypatch, "transfer", run, "--data", data, "--out", out) == 0
    said = capsys.readouterr().out
    found = json.loads(out.read_text())
    value, low, high = found["there"]["overall"]["accuracy"]
    assert f"accuracy {value:.1%} [{low:.1%}, {high:.1%}]" in said
    assert "at home" in said
    assert "smudge" in said
    assert found["classes"] == {
        "shared": ["amber", "blue", "cyan"], "only_here": ["dark"], "only_there": ["smudge"],
    }  # fmt: skip
    assert found["there"]["unfamiliar"] is not None
    assert call(monkeypatch, "transfer", run, "--data", data, "--out", out) == 0, "its own file"


def test_bad_arguments_are_one_sentence(
    finished_run_folder: Path,
    learned_npz: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run, out = shutil.copytree(finished_run_folder, tmp_path / "run"), tmp_path / "there.json"
    assert call(monkeypatch, "transfer", run, "--data", learned_npz, "--out", out) == 2
    assert "is the run's own data" in capsys.readouterr().err
    assert call(monkeypatch, "transfer", "nobody", "--data", learned_npz, "--out", out) == 2
    assert not out.exists()


def test_adapt_prints_and_writes_the_ladder(
    finished_run_folder: Path,
    tiny_npz: TinyNpz,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    names = np.array(["amber", "blue", "cyan", "dark"])
    data = tiny_npz(rows=80, classes=4, seed=3, class_names=names)
    run, out = shutil.copytree(finished_run_folder, tmp_path / "run"), tmp_path / "ladder.json"
    assert call(monkeypatch, "adapt", run, "--data", data, "--out", out, "--labelled", "5") == 0
    said = capsys.readouterr().out
    rungs = json.loads(out.read_text())["rungs"]
    assert [one["name"] for one in rungs][:2] == ["nothing", "scale"]
    assert rungs[-1]["name"] == "head5"
    assert all(one["title"] in said for one in rungs)
    assert call(monkeypatch, "adapt", run, "--data", data, "--out", out, "--labelled", "some") == 2
    assert "--labelled takes numbers" in capsys.readouterr().err
