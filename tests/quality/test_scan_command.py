"""`python -m bcc scan`."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from bcc.cli import app
from bcc.errors import UserError


@pytest.fixture
def cells(tmp_path: Path, painted_cells: tuple[np.ndarray, np.ndarray]) -> Path:
    images, labels = painted_cells[0][:40].copy(), painted_cells[1][:40]
    images[5] = images[4]
    labels = np.where(np.arange(40) == 5, labels[4], labels)
    np.savez(tmp_path / "cells.npz", images=images, labels=labels)
    return tmp_path / "cells.npz"


def test_it_writes_a_table_and_prints_json(cells: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "findings.csv"
    answer = CliRunner().invoke(app, ["scan", str(cells), "--out", str(out), "--json"])
    assert answer.exit_code == 0, answer.output
    facts = json.loads(answer.stdout)
    assert facts["pictures"] == 40
    assert facts["kinds"]["exact_duplicate"] == 1
    table = pd.read_csv(out)
    assert {"index", "kind", "score", "group", "suggested", "detail"} <= set(table)
    assert set(table["dataset"].astype(str)) == {facts["fingerprint"]}


def test_without_json_it_prints_a_line_a_kind(cells: Path) -> None:
    answer = CliRunner().invoke(app, ["scan", str(cells)])
    assert "exact duplicate" in answer.stdout
    assert "suggested: drop" in answer.stdout


def test_an_output_that_is_a_folder_is_refused_before_any_work(cells: Path, tmp_path: Path) -> None:
    answer = CliRunner().invoke(app, ["scan", str(cells), "--out", str(tmp_path)])
    assert isinstance(answer.exception, UserError)


def test_what_is_suggested_is_kept_as_a_selection(cells: Path) -> None:
    from bcc.datasets import load, open_selection

    answer = CliRunner().invoke(app, ["scan", str(cells), "--selection", "first look"])
    assert answer.exit_code == 0, answer.output
    assert "first look.json" in answer.stdout
    dataset = load(str(cells))
    chosen = open_selection(dataset, "first look")
    assert 5 in chosen.left_out
    assert chosen.source == dataset.source
    assert chosen.decisions[5].reason == "exact duplicate"


def test_a_selection_that_no_file_can_be_named_after_is_refused_before_any_work(cells: Path) -> None:
    answer = CliRunner().invoke(app, ["scan", str(cells), "--selection", "../x"])
    assert isinstance(answer.exception, UserError)


def test_the_cleaned_set_opens_again(cells: Path, tmp_path: Path) -> None:
    from bcc.datasets import load

    out = tmp_path / "new" / "clean.npz"
    answer = CliRunner().invoke(app, ["clean", str(cells), "--out", str(out), "--json"])
    assert answer.exit_code == 0, answer.output
    facts = json.loads(answer.stdout)
    assert facts["kept"] + facts["left_out"] == 40
    assert facts["reasons"]["exact duplicate"] == 1
    assert len(load(str(out))) == facts["kept"]


def test_what_is_printed_adds_up(cells: Path) -> None:
    import re

    answer = CliRunner().invoke(app, ["scan", str(cells)])
    line = re.search(r"suggested: drop (\d+), review (\d+), keep (\d+) of (\d+) images", answer.stdout)
    assert line is not None
    drop, review, keep, images = map(int, line.groups())
    assert drop + review + keep == images == 40


def test_training_finds_what_was_scanned_in_a_shell(cells: Path) -> None:
    from bcc.datasets import load
    from bcc.quality import near_copies_of

    CliRunner().invoke(app, ["scan", str(cells)])
    assert near_copies_of(load(str(cells))) is not None


def test_only_copies_are_left_out_unless_more_is_asked_for(cells: Path, tmp_path: Path) -> None:
    with np.load(cells) as file:
        images, labels = file["images"].copy(), file["labels"]
    images[9], images[[10, 11]] = 90, (images[[10, 11]] * 0.2).astype(np.uint8)
    np.savez(tmp_path / "worse.npz", images=images, labels=labels)
    given = ["clean", str(tmp_path / "worse.npz"), "--json", "--out"]
    by_default = CliRunner().invoke(app, [*given, str(tmp_path / "certain.npz")])
    assert json.loads(by_default.stdout)["reasons"] == {"exact duplicate": 1}
    suggested = CliRunner().invoke(app, [*given, str(tmp_path / "all.npz"), "--selection", "suggested"])
    assert json.loads(suggested.stdout)["left_out"] >= 2


def test_a_set_is_cleaned_by_a_selection_of_its_own_only(cells: Path, tmp_path: Path) -> None:
    from bcc.datasets import Selection, load

    dataset = load(str(cells))
    Selection.of(dataset).leave_out([0, 1], "smudges").save("mine")
    out = tmp_path / "clean.npz"
    answer = CliRunner().invoke(app, ["clean", str(cells), "--selection", "mine", "--out", str(out)])
    assert "38 of 40" in answer.stdout
    assert "smudges" in answer.stdout
    unknown = CliRunner().invoke(app, ["clean", str(cells), "--selection", "other", "--out", str(out)])
    assert isinstance(unknown.exception, UserError)
    other = tmp_path / "other.npz"
    np.savez(other, images=dataset.images[:20], labels=dataset.labels[:20])
    Selection.of(dataset).export(tmp_path / "of-another.json")
    foreign = ["clean", str(other), "--selection", str(tmp_path / "of-another.json"), "--out", str(out)]
    refused = CliRunner().invoke(app, foreign)
    assert isinstance(refused.exception, UserError)
    assert "belongs to" in str(refused.exception)
    wrong_end = CliRunner().invoke(app, ["clean", str(cells), "--out", str(tmp_path / "clean.zip")])
    assert isinstance(wrong_end.exception, UserError)


def test_arrays_from_files_judge_the_labels(cells: Path, tmp_path: Path) -> None:
    with np.load(cells) as file:
        labels = file["labels"]
    chances = np.full((40, int(labels.max()) + 1), 0.001)
    chances[np.arange(40), labels] = 1.0
    chances[:20] = np.nan
    np.save(tmp_path / "chances.npy", chances)
    given = ["scan", str(cells), "--probabilities", str(tmp_path / "chances.npy"), "--json"]
    answer = CliRunner().invoke(app, given)
    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.stdout)["kinds"]["doubtful_label"] == 0


@pytest.mark.parametrize("content", [b"", b"no array", None, "objects", "letters"])
def test_a_file_that_is_no_array_is_refused(cells: Path, tmp_path: Path, content: bytes | str | None) -> None:
    path = tmp_path / "numbers.npy"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        np.save(path, np.array([{}] if content == "objects" else ["a"]), allow_pickle=True)
    answer = CliRunner().invoke(app, ["scan", str(cells), "--features", str(path)])
    assert isinstance(answer.exception, UserError)
    assert "numbers.npy" in str(answer.exception)
