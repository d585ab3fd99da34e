from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from bcc.errors import UserError
from bcc.runs import About, Run, RunState, list_runs, open_run, summarise, write_about, write_json
from bcc.runs.table import runs_table


@pytest.fixture
def run(finished_run_folder: Path, tmp_path: Path) -> Run:
    """A copy of a finished run, to take things away from."""
    return Run(shutil.copytree(finished_run_folder, tmp_path / "runs" / "copied"))


def test_a_finished_run_in_one_line(run: Run) -> None:
    summary = summarise(run)
    metrics = json.loads(run.metrics.read_text())
    assert summary.problem == ""
    assert summary.state is not None
    assert (summary.state.status, summary.state.epoch, summary.state.epochs) == ("finished", 2, 2)
    assert summary.model == "atto"
    assert summary.source == "tiny.npz"
    assert summary.fingerprint == json.loads(run.dataset.read_text())["fingerprint"]
    assert summary.accuracy == metrics["test"]["accuracy"]
    assert summary.baseline == metrics["baseline"]["accuracy"]
    assert summary.has_model


def test_without_test_rows_the_validation_accuracy_counts(run: Run) -> None:
    metrics = json.loads(run.metrics.read_text())
    del metrics["test"]
    write_json(run.metrics, metrics)
    assert summarise(run).accuracy == metrics["validation"]["accuracy"]


@pytest.mark.parametrize(
    "name", ["config.json", "dataset.json", "split.npz", "state.json", "model.keras", "predictions.npz",
             "metrics.json"],
)  # fmt: skip
def test_a_run_that_misses_a_file_is_listed_with_its_problem(run: Run, name: str) -> None:
    (run.folder / name).unlink()
    (summary,) = list_runs(run.folder.parent)
    assert summary.run == run
    assert summary.problem.startswith(f"Run 'copied' has no {name}: ")
    assert runs_table([summary])["problem"].tolist() == [summary.problem]


@pytest.mark.parametrize("content", ["", "{", "[1, 2]", "null", '"text"', '{"test": 3, "baseline": "x"}'])
@pytest.mark.parametrize("name", ["config.json", "dataset.json", "state.json", "metrics.json"])
def test_a_run_with_damaged_files_is_listed(run: Run, name: str, content: str) -> None:
    (run.folder / name).write_text(content)
    (summary,) = list_runs(run.folder.parent)
    assert len(runs_table([summary])) == 1
    if not content.startswith("{") or name == "state.json" or content == "{":
        assert name in summary.problem
        assert summary.problem.endswith((".", "?"))


def test_a_young_run_has_no_problem(tmp_path: Path) -> None:
    run = Run(tmp_path / "young")
    run.folder.mkdir()
    run.write_state(RunState("running").mine())
    write_json(run.config, {"model": "nano"})
    summary = summarise(run)
    assert summary.problem == ""
    assert summary.model == "nano"
    assert not summary.has_model


@pytest.mark.parametrize("written", [(), ("dataset.json", "split.npz"), ("dataset.json", "model.keras")])
def test_a_run_that_was_stopped_before_it_scored_itself_has_no_problem(
    run: Run, written: tuple[str, ...]
) -> None:
    """It was taken out of the queue, or killed: nobody took a file away."""
    run.write_state(RunState("stopped", message="Taken out of the queue."))
    for path in run.folder.iterdir():
        if path.name not in ("config.json", "state.json", *written):
            path.unlink()
    summary = summarise(run)
    assert summary.problem == ""
    assert summary.accuracy is None


@pytest.mark.parametrize(
    "name", ["dataset.json", "split.npz", "model.keras", "predictions.npz", "metrics.json"]
)
def test_a_stopped_run_that_scored_itself_misses_what_was_taken_away(run: Run, name: str) -> None:
    run.write_state(RunState("stopped", message="Stopped on request."))
    assert summarise(run).problem == ""
    (run.folder / name).unlink()
    assert name in summarise(run).problem


def test_files_are_read_again_only_where_they_have_changed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    before = summarise(run)
    read: list[str] = []
    original = Run.read_json
    monkeypatch.setattr(Run, "read_json", lambda self, path: read.append(path.name) or original(self, path))
    assert summarise(run) == before
    assert read == []
    write_about(run, About(name="the good one"))
    assert summarise(run).title == "the good one"
    assert "about.json" in read
    run.predictions.unlink()
    assert "predictions.npz" in summarise(run).problem


def test_a_process_that_dies_is_noticed_though_no_file_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    young = Run(tmp_path / "young")
    young.folder.mkdir()
    young.write_state(RunState("running").mine())
    first = summarise(young).state
    assert first is not None
    assert first.status == "running"
    monkeypatch.setattr(RunState, "_process_lives", lambda self: False)
    now = summarise(young).state
    assert now is not None
    assert now.status == "lost"


def test_newest_first_and_nothing_hidden(tmp_path: Path) -> None:
    for name, created in (("old", 10.0), ("new", 30.0), ("middle", 20.0)):
        (tmp_path / name).mkdir()
        Run(tmp_path / name).write_state(RunState("finished", created=created))
    (tmp_path / "damaged").mkdir()
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "notes.txt").write_text("not a run")
    summaries = list_runs(tmp_path)
    assert [summary.run.id for summary in summaries] == ["new", "middle", "old", "damaged"]
    assert summaries[-1].state is None
    assert "is no run directory" in summaries[-1].problem


def test_no_runs(tmp_path: Path) -> None:
    assert list_runs(tmp_path) == []
    assert list_runs(tmp_path / "missing") == []
    assert list_runs() == []
    assert len(runs_table([])) == 0


def test_a_run_is_opened_by_path_or_id(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BCC_RUNS", str(run.folder.parent))
    assert open_run(run.folder).folder == run.folder
    assert open_run("copied").folder == run.folder
    with pytest.raises(UserError, match="There is no run 'other': `python -m bcc runs` lists"):
        open_run("other")


def test_the_table_has_a_line_a_run(run: Run) -> None:
    broken = Run(run.folder.parent / "broken")
    broken.folder.mkdir()
    failed = Run(run.folder.parent / "failed")
    failed.folder.mkdir()
    failed.write_state(RunState("failed", epochs=5, message="The loss became nan.", created=5.0))
    table = runs_table(list_runs(run.folder.parent)).set_index("run")
    assert table.loc["copied", "status"] == "finished"
    assert table.loc["copied", "epoch"] == "2 of 2"
    assert table.loc["broken", "status"] == "damaged"
    assert table.loc["failed", "problem"] == "The loss became nan."
    assert str(table["accuracy"].dtype) == "float64"
    assert table.loc["broken", "started"] is not None
    assert os.path.basename(table.loc["copied", "data"]) == "tiny.npz"
