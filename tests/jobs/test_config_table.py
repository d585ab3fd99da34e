"""Settings of several runs beside one another, and the filter of the table."""

from __future__ import annotations

from pathlib import Path

import pytest

from bcc.jobs.config_table import as_points, configs_side_by_side
from bcc.runs import About, Run, RunState, RunSummary, write_json
from bcc.runs.table import matching


@pytest.fixture
def runs(tmp_path: Path) -> list[Run]:
    found = []
    for name, config in (
        ("a", {"model": "atto", "epochs": 3, "data": {"source": "x"}}),
        ("b", {"model": "nano", "all": {"epochs": 3}, "optimizer": "lion"}),
        ("broken", None),
    ):
        run = Run(tmp_path / name)
        run.folder.mkdir()
        run.config.write_text("{") if config is None else write_json(run.config, config)
        found.append(run)
    return found


def test_what_differs_is_marked(runs: list[Run]) -> None:
    table = configs_side_by_side(runs[:2]).set_index("field")
    assert table.loc["model"].tolist() == ["atto", "nano", True]
    assert table.loc["all.epochs"].tolist() == ["3", "3", False]
    assert table.loc["data.source"].tolist() == ["x", "synthetic-clean", True]
    assert table.loc["head.epochs"].tolist() == ["0", "0", False]
    assert "head.learning_rate" not in table.index
    assert table.loc["lion.beta_1", "a"] == "–"
    assert configs_side_by_side(runs).set_index("field").loc["model", "broken"] == "–"


def test_points_hold_what_differs(runs: list[Run]) -> None:
    states = [RunState("finished", best_validation_accuracy=0.9), None]
    points = as_points([RunSummary(run, state) for run, state in zip(runs, states, strict=False)])
    sections = [name for name in points if name.startswith(("adam.", "lion."))]
    assert list(points.columns) == [
        "model",
        "data.source",
        "optimizer",
        *sections,
        "validation_accuracy",
        "accuracy",
    ]
    assert points.loc["a", "validation_accuracy"] == 0.9


def test_runs_are_found_by_what_is_said_of_them() -> None:
    one = RunSummary(
        Run(Path("one")), RunState("finished"), model="atto", source="cells.npz",
        about=About(name="First try", tags=("night", "long"), favourite=True, note="too warm"),
    )  # fmt: skip
    two = RunSummary(Run(Path("two")), RunState("failed"), model="nano")
    both = [one, two]
    assert matching(both) == both
    assert matching(both, search="WARM first") == [one]
    assert matching(both, search="warm nano") == []
    assert matching(both, statuses=["failed", "lost"]) == [two]
    assert matching(both, tags=["night"]) == [one]
    assert matching(both, tags=["night", "short"]) == []
    assert matching(both, favourites=True) == [one]
