"""The Runs page: the list, and what can be done with a run."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Any


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
