"""A question becomes runs, and the runs on disk become its answer."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from bcc.errors import UserError
from bcc.jobs import Sweep, answer, over_seeds, questions, read_values, spread, varied_fields, waiting
from bcc.runs import About, Run, RunState, list_runs, read_about, write_about
from bcc.training import assemble, read_config

BASE = assemble("quick")


def test_every_combination_is_a_run_and_the_first_seed_comes_first() -> None:
    question = Sweep("q", BASE, {"learning_rate": [0.001, 0.002], "dropout": [0.0, 0.1, 0.1]}, [3, 4])
    runs = question.runs()
    tried = [(config.seed, config.all.learning_rate, config.dropout) for config, _ in runs]
    assert tried == [(s, r, d) for s in (3, 4) for r in (0.001, 0.002) for d in (0.0, 0.1)]
    config, said = runs[0]
    assert said.what_if == "q"
    assert said.name == "learning rate 0.001, dropout 0.0, seed 3"
    assert said.varied == {"learning_rate": 0.001, "dropout": 0.0, "seed": 3}
    assert config.model_copy(update={"seed": 0, "all": BASE.all, "dropout": BASE.dropout}) == BASE


@pytest.mark.parametrize(
    ("varied", "seeds", "sentence"),
    [
        ({}, [0], "one field or two"),
        ({"dropout": []}, [0], "no values"),
        ({"dropout": [0]}, [], "at least one seed"),
        ({"dropout": [0, 2]}, [0], "dropout"),
        ({"wings": [0]}, [0], "has no field 'wings'"),
        ({"dropout": list(spread(0, 0.9, 20)), "l2": list(spread(0, 1, 11))}, [0], "at most"),
    ],
)
def test_a_bad_question_is_one_sentence(varied: dict, seeds: list[int], sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        Sweep("q", BASE, varied, seeds).runs()
    with pytest.raises(UserError, match="Give the question a name"):
        Sweep(" ", BASE, {"dropout": [0]}, [0]).runs()


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("0.1, 0.2", [0.1, 0.2]), ("16,32", [16, 32]), ("adam,lion", ["adam", "lion"]),
        ("true, FALSE", [True, False]),
        ("1e-4..1e-2:log:3", [0.0001, 0.001, 0.01]), ("0..0.4 lin 3", [0.0, 0.2, 0.4]),
        ("0..1:5", [0, 0.25, 0.5, 0.75, 1]),
    ],
)  # fmt: skip
def test_values_are_read(text: str, values: list) -> None:
    assert read_values(text) == values


@pytest.mark.parametrize(
    "text", ["1..0:lin:3", "0..1:log:3", "0..1:lin:1", "0..1:far:3", "a..b:lin:3", "0..1"]
)
def test_what_is_no_range_is_one_sentence(text: str) -> None:
    with pytest.raises(UserError, match=r"range"):
        read_values(text)


def test_a_question_waits_in_line_as_a_whole(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bcc.jobs.queue.start_workers", lambda root, devices: None)
    runs = Sweep("q", BASE, {"dropout": [0.0, 0.2]}, [0]).submit()
    assert waiting(root) == runs
    assert [read_config(run.config).dropout for run in runs] == [0.0, 0.2]
    assert read_about(runs[1]).varied == {"dropout": 0.2, "seed": 0}
    assert list(questions(list_runs())) == ["q"]


def test_the_answer_takes_seeds_together(tmp_path: Path) -> None:
    def made(name: str, rate: float, seed: int, best: float | None) -> None:
        run = Run(tmp_path / name)
        run.folder.mkdir()
        run.write_state(RunState("finished", best_validation_accuracy=best))
        write_about(run, About(what_if="q", varied={"learning_rate": rate, "seed": seed}))

    made("a", 0.01, 0, 0.5)
    made("b", 0.001, 0, 0.8)
    made("c", 0.001, 1, 0.9)
    made("d", 0.01, 1, None)
    (Run(tmp_path / "other").folder).mkdir()
    table = answer(questions(list_runs(tmp_path))["q"])
    assert varied_fields(table) == ["learning_rate"]
    assert table["run"].tolist() == ["b", "c", "a", "d"]
    together = over_seeds(table).set_index("learning_rate")
    assert together.loc[0.001, "mean"] == pytest.approx(0.85)
    assert together.loc[0.001, ["lowest", "highest", "runs"]].tolist() == [0.8, 0.9, 2]
    assert together.loc[0.01, "runs"] == 1
    assert pd.isna(together.loc[0.01, "deviation"])
