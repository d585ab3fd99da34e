"""`relabel`, `agree` and `count` as a person types them."""

from __future__ import annotations

import json
import logging
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from bcc import cli
from bcc.csv_tables import read_table
from bcc.datasets import load, open_selection
from bcc.paths import runs_folder

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def bcc(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Command]:
    """Run a command in this process: status, standard output, standard error."""
    logger = logging.getLogger("bcc")
    handlers = list(logger.handlers)

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["bcc", *map(str, arguments)])
        status = 0
        try:
            cli.main()
        except SystemExit as ending:
            status = int(ending.code or 0)
        said = capsys.readouterr()
        return status, said.out, said.err

    yield run
    logger.handlers[:] = handlers


@pytest.fixture
def source(learned_npz: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(learned_npz, tmp_path / "cells.npz"))


def test_rows_are_relabelled_step_by_step(bcc: Command, source: Path, tmp_path: Path) -> None:
    assert (
        bcc("relabel", source, "--selection", "mine", "--rows", "0,4-5", "--to", "dark", "--who", "Ann")[0]
        == 0
    )
    status, out, _ = bcc(
        "relabel", source, "--selection", "mine", "--rows", "9", "--to", "?", "--out", tmp_path / "l.csv"
    )
    assert status == 0
    assert "3 labels changed, 0 confirmed, 1 unknown" in out
    assert "amber -> dark  2" in out
    dataset = load(source)
    assert open_selection(dataset, "mine").relabelled(dataset).labels[[0, 4, 5, 9]].tolist() == [3, 3, 3, -1]
    table = read_table(tmp_path / "l.csv")
    assert len(table) == 64
    assert table.loc[0, ["label", "given_label", "who"]].tolist() == ["dark", "amber", "Ann"]
    assert bool(table.loc[9, "left_out"]) is True


def test_a_table_of_corrections_is_taken(bcc: Command, source: Path, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("row;label;why\n3;amber;pale\n7;?;blurred\n8;amber;\n")
    status, out, _ = bcc(
        "relabel",
        source,
        "--selection",
        "mine",
        "--table",
        tmp_path / "t.csv",
        "--why",
        "second look",
        "--json",
    )
    assert status == 0
    facts = json.loads(out)
    assert (facts["changed"], facts["confirmed"], facts["unknown"]) == (1, 1, 1)
    changes = open_selection(load(source), "mine").labels.rows
    assert changes[3][-1].why == "pale"
    assert changes[8][-1].why == "second look"


def test_classes_are_changed_and_clean_obeys(bcc: Command, source: Path, tmp_path: Path) -> None:
    status, out, _ = bcc(
        "relabel", source, "--selection", "mine", "--add-class", "smudge cell", "--merge-class", "blue=cyan",
        "--rename-class", "dark=night", "--leave-out-class", "amber", "--rows", "1", "--to", "smudge cell",
    )  # fmt: skip
    assert status == 0
    assert "class 'blue' merged into 'cyan'" in out
    assert bcc("clean", source, "--selection", "mine", "--out", tmp_path / "out.npz")[0] == 0
    made = load(tmp_path / "out.npz")
    assert made.class_names == ("cyan", "night", "smudge cell")
    assert len(made) == 48


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--rows", "1"], "Give --rows and --to together"),
        (["--rows", "64", "--to", "dark"], "'64' names no rows; write numbers from 0 to 63"),
        (["--rows", "x", "--to", "dark"], "'x' names no rows"),
        (["--rows", "1", "--to", "red"], "There is no class 'red'"),
        (["--merge-class", "blue"], "does not name two classes"),
        (["--table", "none.csv"], "There is no file 'none.csv'"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_changes_nothing(
    bcc: Command, source: Path, arguments: list[str], said: str
) -> None:
    status, _, err = bcc("relabel", source, "--selection", "mine", *arguments)
    assert status == 2
    assert said in err.splitlines()[-1]
    with pytest.raises(Exception, match="There is no selection"):
        open_selection(load(source), "mine")


def test_two_reviewers_are_compared(bcc: Command, source: Path, tmp_path: Path) -> None:
    for name, last in (("ann", "dark"), ("bo", "blue")):
        bcc("relabel", source, "--selection", name, "--rows", "0-7", "--to", "amber")
        bcc("relabel", source, "--selection", name, "--rows", "8,9", "--to", last)
    status, out, _ = bcc("agree", source, "ann", "bo", "--out", tmp_path / "both.csv")
    assert status == 0
    assert "reviewed by both: 10" in out
    assert "agreement 80.0%" in out
    assert "dark / blue  2" in out
    assert len(read_table(tmp_path / "both.csv")) == 10


def test_cells_are_counted_with_a_report(
    bcc: Command, finished_run_folder: Path, source: Path, tmp_path: Path
) -> None:
    shutil.copytree(finished_run_folder, runs_folder() / "done")
    dataset = load(source)
    folder = tmp_path / "new"
    folder.mkdir()
    for row in range(20):
        cv2.imwrite(str(folder / f"{row:02d}.png"), np.asarray(dataset.images[row])[..., ::-1])
    pd.DataFrame({"file": ["00.png"], "label": ["debris"]}).to_csv(tmp_path / "fix.csv", index=False)
    status, out, err = bcc(
        "count", "done", folder, "--out", tmp_path / "counts.csv", "--cells", tmp_path / "cells.csv",
        "--report", tmp_path / "counts.html", "--corrections", tmp_path / "fix.csv", "--reviewer", "Ann",
    )  # fmt: skip
    assert status == 0, err
    counts, cells = read_table(tmp_path / "counts.csv"), read_table(tmp_path / "cells.csv")
    assert len(cells) == 20
    classes = {*counts["class"]}
    assert counts["count"].sum() == cells["class"].isin(classes).sum()
    assert cells.set_index("file").loc["00.png", "class"] == "debris"
    page = (tmp_path / "counts.html").read_text()
    assert "not a medical device" in page
    assert "Ann" in page
    assert "counted" in out
    status, _, err = bcc("count", "done", folder, "--out", tmp_path / "c.csv", "--unsure-below", "7")
    assert status == 2
