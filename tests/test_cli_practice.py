"""`bcc answers`: what people answered, as a table."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from typer.testing import CliRunner

from bcc.cli import app
from bcc.errors import UserError
from bcc.practice import Answer, Question, make_quiz, save


def test_answers_and_results_of_a_quiz(tmp_path: Path, data_folder: Path) -> None:
    quiz = make_quiz("Monday", [Question("d", 0, "a"), Question("d", 1, "b")], ("a", "b"), "cells")
    save("=Ann", Answer(data="d", row=0, truth="a", answer="a", quiz=quiz.id, round="r"))
    save("=Ann", Answer(data="d", row=9, truth="a", answer="b"))
    out = tmp_path / "all.csv"
    run = CliRunner().invoke(app, ["answers", "--out", str(out)])
    assert run.exit_code == 0, run.output
    assert "2 answers of 1 people" in run.output
    table = pd.read_csv(out)
    assert table["right"].tolist() == [True, False]
    # A name that a spreadsheet would take for a formula.
    assert table["name"].tolist() == ["'=Ann"] * 2
    run = CliRunner().invoke(app, ["answers", "--quiz", quiz.id, "--out", str(tmp_path / "quiz.csv")])
    assert run.exit_code == 0, run.output
    assert pd.read_csv(tmp_path / "quiz.csv")[["answered", "cells", "right"]].to_numpy().tolist() == [
        [1, 2, 1]
    ]


def test_an_unknown_quiz_writes_nothing(tmp_path: Path, data_folder: Path) -> None:
    run = CliRunner().invoke(app, ["answers", "--quiz", "nothing", "--out", str(tmp_path / "quiz.csv")])
    assert isinstance(run.exception, UserError)
    assert not (tmp_path / "quiz.csv").exists()
