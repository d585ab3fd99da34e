"""Checks read what was really done."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bcc.augment import read_recipe
from bcc.augment.recipe_files import save_recipe
from bcc.datasets import Dataset, Selection, load
from bcc.errors import UserError
from bcc.lessons import outcome, parse_check
from bcc.paths import runs_folder
from bcc.practice import Answer, save
from bcc.quality import save_scan, scan
from bcc.runs import Run


def done(text: str) -> bool:
    return outcome(parse_check(text)).done


@pytest.fixture
def cells(tiny_npz: Callable[..., Path], data_folder: Path) -> Dataset:
    return load(tiny_npz(data_folder / "cells.npz", rows=80, classes=4))


def test_a_scan_counts_for_its_dataset_alone(cells: Dataset) -> None:
    assert not done("scan data=cells.npz")
    save_scan(scan(cells), cells, "a linear model")
    assert done("scan data=cells.npz")
    assert done(f"scan data={cells.fingerprint}")
    assert not done("scan data=synthetic")


def test_rows_left_out_and_labels_changed_are_counted(cells: Dataset) -> None:
    assert not done("left-out data=cells.npz")
    Selection.of(cells).leave_out(range(5), "t").relabel(cells, [10, 11, 12], "class 3").save("mine")
    assert done("left-out data=cells.npz at-least=5")
    assert not done("left-out data=cells.npz at-least=6")
    assert outcome(parse_check("left-out data=cells.npz at-least=6")).sentence == "5 of 6 images left out."
    # Row 11 is of class 3 already.
    assert done("relabelled data=cells.npz at-least=2")
    assert not done("relabelled data=cells.npz at-least=3")


def test_a_saved_recipe_counts(data_folder: Path) -> None:
    assert not done("recipe")
    save_recipe(read_recipe("gentle"), "my recipe")
    assert done("recipe")


def test_cells_named_count_once_each_and_by_dataset(cells: Dataset) -> None:
    one = Answer(data=cells.fingerprint, row=1, truth="a", answer="b")
    save("Ann", one)
    save("Ann", one.model_copy(update={"again": True}))
    save("Bob", one.model_copy(update={"data": "elsewhere"}))
    assert done("answers at-least=2")
    assert not done("answers at-least=3")
    assert not done("answers data=cells.npz at-least=2")


def test_a_run_counts_by_what_its_config_says(finished_run_folder: Path) -> None:
    shutil.copytree(finished_run_folder, runs_folder() / "one")
    run = Run(runs_folder() / "one")
    config = run.read_json(run.config)
    source = config["data"]["source"]
    assert done("run")
    assert done(f"run data.source={source} weights=none image_size=32")
    assert done("run phases=all")
    assert not done("run phases=head+all")
    assert not done("run weights=pbc")
    assert not done("run no.such.field=1")
    assert not done("run at-least=99")
    assert not done("robustness")
    assert not done("trust")


def test_an_unknown_kind_names_those_there_are() -> None:
    with pytest.raises(UserError, match="scan, left-out"):
        parse_check("seen")
