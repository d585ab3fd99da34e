"""The Runs page: the list, and what can be done with a run."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Any

import pytest

from bcc.jobs import Sweep, deleted, submit_all, waiting
from bcc.paths import runs_folder
from bcc.runs import Run, RunState, list_runs, open_run, read_about
from bcc.training import TrainConfig, assemble


def test_all_runs_are_listed(open_page: Callable, finished: Any) -> None:
    shutil.copytree(finished.run.folder, finished.run.folder.with_name("again"))
    (finished.run.folder.with_name("broken")).mkdir()
    app = open_page("runs", data=finished.dataset.fingerprint)
    table = app.dataframe[0].value.set_index("run")
    assert set(table.index) == {"done", "again", "broken"}
    assert table.loc["broken", "status"] == "damaged"
    assert "no run directory" in table.loc["broken", "problem"]
    assert table.loc["done", "epoch"] == "2 of 2"
    metrics = finished.run.read_json(finished.run.metrics)
    assert table.loc["done", "accuracy"] == metrics["test"]["accuracy"]
    assert table.loc["done", "baseline"] == metrics["baseline"]["accuracy"]


def test_deleting_asks_first(open_page: Callable, finished: Any) -> None:
    app = open_page("runs", data=finished.dataset.fingerprint, run="done")
    app.button(key="delete_run").click().run()
    assert finished.run.folder.exists()
    app.button(key="confirm_delete").click().run()
    assert not finished.run.folder.exists()
    assert "run" not in app.query_params
    assert not app.exception


def test_deleting_is_undone_and_the_trash_emptied(open_page: Callable, finished: Any) -> None:
    metrics = finished.run.metrics.read_bytes()
    app = open_page("runs", data=finished.dataset.fingerprint, run="done")
    app.button(key="delete_run").click().run()
    app.button(key="confirm_delete").click().run()
    app.button(key="undo_delete").click().run()
    assert not app.exception
    assert finished.run.metrics.read_bytes() == metrics
    assert app.query_params["run"] == "done"
    assert "undo_delete" not in [button.key for button in app.button]
    app.button(key="delete_run").click().run()
    app.button(key="confirm_delete").click().run()
    take_back = next(button for button in app.button if str(button.key).startswith("take_back:"))
    take_back.click().run()
    assert finished.run.metrics.read_bytes() == metrics
    app.button(key="delete_run").click().run()
    app.button(key="confirm_delete").click().run()
    app.button(key="empty_trash").click().run()
    assert len(deleted()) == 1
    app.button(key="confirm_empty").click().run()
    assert not app.exception
    assert deleted() == []


@pytest.fixture
def _idle_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything waits in line: no worker is started."""
    monkeypatch.setattr("bcc.jobs.queue.start_workers", lambda root, devices: None)


def test_what_is_said_of_a_run_is_written_at_once(open_page: Callable, finished: Any) -> None:
    app = open_page("runs", data=finished.dataset.fingerprint, run="done")
    app.text_input(key="name:done").set_value("the first").run()
    app.text_input(key="note:done").set_value("on blobs").run()
    app.toggle(key="favourite:done").set_value(True).run()
    assert not app.exception
    said = read_about(finished.run)
    assert (said.name, said.note, said.favourite) == ("the first", "on blobs", True)
    app = open_page("runs", data=finished.dataset.fingerprint)
    line = app.dataframe[0].value.set_index("run").loc["done"]
    assert (line["favourite"], line["name"]) == ("★", "the first")


def test_the_address_names_several_runs(open_page: Callable, finished: Any, texts: Callable) -> None:
    other = Run(shutil.copytree(finished.run.folder, finished.run.folder.with_name("again")))
    config = other.config.read_text().replace('"optimizer": "adamw"', '"optimizer": "lion"')
    other.config.write_text(config)
    app = open_page("runs", data=finished.dataset.fingerprint, runs="done,again")
    assert not app.exception
    app.query_params["side"] = "Settings"
    app.run()
    settings = next(one.value for one in app.dataframe if "field" in one.value)
    assert settings.set_index("field").loc["optimizer"].tolist() == ["adamw", "lion"]
    app.query_params["side"] = "Final scores"
    app.run()
    assert not app.exception
    final = next(one.value for one in app.dataframe if "macro_f1" in one.value)
    accuracy = finished.run.read_json(finished.run.metrics)["test"]["accuracy"]
    assert final["accuracy"][0].startswith(f"{accuracy:.1%}  (")
    app.query_params["side"] = "Parallel"
    app.run()
    assert not app.exception


def test_the_filter_is_in_the_address(open_page: Callable, finished: Any, texts: Callable) -> None:
    app = open_page("runs", data=finished.dataset.fingerprint, search="blobs atto")
    assert len(app.dataframe[0].value) == 1
    app = open_page("runs", data=finished.dataset.fingerprint, search="nothing like it")
    assert "No run matches" in texts(app.info)


@pytest.mark.usefixtures("_idle_jobs")
def test_the_queue_is_ordered_and_cleared(open_page: Callable, finished: Any) -> None:
    first, second = submit_all([(TrainConfig(seed=seed), None) for seed in range(2)])
    app = open_page("runs", data=finished.dataset.fingerprint)
    assert "Queue · 2 queued" in [one.value for one in app.subheader]
    app.button(key=f"up:{second.id}").click().run()
    assert waiting(runs_folder()) == [second, first]
    app.button(key=f"cancel:{second.id}").click().run()
    assert not app.exception
    assert waiting(runs_folder()) == [first]
    assert second.read_state().status == "stopped"


@pytest.mark.usefixtures("_idle_jobs")
def test_an_answer_is_put_together(open_page: Callable, finished: Any) -> None:
    runs = Sweep("how much", assemble("quick"), {"dropout": [0.0, 0.2]}, [0]).submit()
    runs[0].write_state(RunState("finished", best_validation_accuracy=0.75))
    app = open_page("runs", data=finished.dataset.fingerprint)
    assert not app.exception
    table = app.dataframe[-1].value
    assert table["mean"].tolist()[0] == 0.75
    assert app.selectbox(key="what_if").value == "how much"


@pytest.mark.usefixtures("_idle_jobs")
def test_a_question_is_asked_on_the_train_page(open_page: Callable, finished: Any) -> None:
    app = open_page("train", data=finished.dataset.fingerprint)
    app.text_input(key="question").set_value("how fast")
    app.multiselect(key="vary").set_value(["all.learning_rate"]).run()
    app.text_input(key="list:all.learning_rate").set_value("0.001, 0.002")
    app.number_input(key="seeds").set_value(2).run()
    assert not app.exception
    app.button(key="ask").click().run()
    assert not app.exception
    ids = [one.id for one in waiting(runs_folder())]
    assert len(ids) == 4
    assert [read_about(open_run(one)).varied for one in ids[:2]] == [
        {"all.learning_rate": 0.001, "seed": 0},
        {"all.learning_rate": 0.002, "seed": 0},
    ]
    assert len(list_runs()) == 5
