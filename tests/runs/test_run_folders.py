"""Only runs that lie directly in the runs folder may be deleted, whatever a path names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bcc.errors import UserError
from bcc.paths import runs_folder
from bcc.runs import Run, RunState, deletable, is_run, open_run
from bcc.runs.run_folders import may_begin_in


@pytest.fixture
def run() -> Run:
    """A run in this test's runs folder."""
    run = Run(runs_folder() / "mine")
    run.folder.mkdir(parents=True)
    run.write_state(RunState("finished"))
    return run


def test_by_id_and_by_path(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(run.folder.parent.parent)
    for name in ("mine", "mine/", str(run.folder), f"{run.folder}/", "runs/mine", "./runs/mine"):
        assert deletable(name) == run
    # A folder that happens to be called so where one stands is never meant by a bare name.
    Path("mine").mkdir()
    assert deletable("mine") == run
    with pytest.raises(UserError, match="lies elsewhere"):
        deletable("./mine")


def test_all_else_is_refused_and_named(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = runs_folder()
    monkeypatch.chdir(tmp_path)
    elsewhere = Run(tmp_path / "elsewhere")
    elsewhere.folder.mkdir()
    elsewhere.write_state(RunState("finished"))
    (root / "link").symlink_to(elsewhere.folder)
    (root / "broken link").symlink_to(tmp_path / "nowhere")
    (root / "notes").mkdir()
    (root / "notes" / "thesis.txt").write_text("years of work")
    (root / "notes" / "config.json").write_text('{"model": "theirs"}')
    (root / "file").write_text("x")
    (root / "group" / "inner").mkdir(parents=True)
    Run(root / "group" / "inner").write_state(RunState("finished"))
    (root / "empty").mkdir()
    (root / ".hidden").mkdir()
    Run(root / ".hidden").write_state(RunState("finished"))
    refused = {
        "": "is empty", "  ": "is empty", ".": "the runs folder itself", "./": "the runs folder itself",
        "..": "may lead anywhere", "../elsewhere": "may lead anywhere", "mine/..": "may lead anywhere",
        f"{root}/../elsewhere": "may lead anywhere", f"{root}/mine/../mine": "may lead anywhere",
        str(root): "elsewhere", "/": "elsewhere", "elsewhere": "There is no run",
        "./elsewhere": "elsewhere", str(elsewhere.folder): "elsewhere", str(tmp_path): "elsewhere",
        "link": "is a link", str(root / "link"): "is a link", "broken link": "is a link",
        "notes": "is no run", "file": "is no run", "group": "is no run", "group/inner": "elsewhere",
        str(root / "group" / "inner"): "elsewhere", "empty": "is no run", ".hidden": "is no run",
        "nothing": "There is no run", "~": "There is no run", "~/x": "elsewhere",
        "x" * 5000: "was not deleted",
        "a\0b": "no folder can be called so", "~unknown/run": "elsewhere", "\udcff": "There is no run",
    }  # fmt: skip
    for name, reason in refused.items():
        with pytest.raises(UserError, match=reason):
            deletable(name)
    assert (elsewhere.state.exists(), run.state.exists()) == (True, True)


def test_a_runs_folder_behind_a_link_is_the_runs_folder(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shortcut").symlink_to(runs_folder())
    real = str(run.folder)
    monkeypatch.setenv("BCC_RUNS", str(tmp_path / "shortcut"))
    assert deletable("mine").folder == tmp_path / "shortcut" / "mine"
    assert deletable(real).folder == tmp_path / "shortcut" / "mine"


@pytest.mark.parametrize(
    "name", ["state.json", "split.npz", "checkpoint.npz", "predictions.npz", "batches.csv"]
)
def test_a_damaged_run_counts(name: str) -> None:
    folder = runs_folder() / "damaged"
    folder.mkdir(parents=True)
    (folder / name).write_bytes(b"\xff{")
    assert is_run(folder)
    assert deletable("damaged").folder == folder
    assert open_run("damaged").folder == folder


def test_a_config_counts_where_it_is_that_of_a_run(tmp_path: Path) -> None:
    file = tmp_path / "config.json"
    for content in ('{"model": "bert"}', "[]", "{", "[" * 100_000, '{"data": 3}', '{"data": {"path": 1}}'):
        file.write_text(content)
        assert not is_run(tmp_path)
    file.write_text(json.dumps({"data": {"source": "synthetic"}, "epochs": 3}))
    assert is_run(tmp_path)


def test_a_folder_of_other_things_is_no_run(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    for name in ("model.keras", "history.csv", "log.txt", "about.json"):
        (tmp_path / "other" / name).write_text("x")
    with pytest.raises(UserError, match=r"other' is no run directory"):
        open_run(tmp_path / "other")
    with pytest.raises(UserError, match="name of the run is empty"):
        open_run("")


def test_a_run_begins_in_an_empty_or_new_folder_or_in_a_run(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "config.json").write_text('{"mine": 1}')
    (tmp_path / "broken").symlink_to(tmp_path / "nowhere")
    assert may_begin_in(tmp_path / "new")
    assert may_begin_in(tmp_path / "empty")
    assert may_begin_in(run.folder)
    assert not may_begin_in(tmp_path / "full")
    assert not may_begin_in(tmp_path / "full" / "config.json")
    assert not may_begin_in(tmp_path / "broken")
