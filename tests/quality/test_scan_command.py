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
