"""The Compare page: runs beside each other, together, and one against another."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Any

import pytest

from bcc.runs import Run, write_arrays


@pytest.fixture
def twin(finished: Any) -> Run:
    """A second run with the same model whose written answers are a little worse."""
    run = Run(shutil.copytree(finished.run.folder, finished.run.folder.with_name("twin")))
    said = run.read_predictions()
    worse = said.probabilities.copy()
    worse[::3] = worse[::3, ::-1]
    write_arrays(run.predictions, rows=said.rows, split=said.split, labels=said.labels, probabilities=worse)
    return run


def test_alone_it_can_look_several_times(open_page: Callable, finished: Any, texts: Callable) -> None:
    app = open_page("compare", data=finished.dataset.fingerprint, run="done")
    assert not app.exception
    assert not app.error
    assert "no other run" in texts(app.info)
    app.button_group(key="views").set_value(["flips"]).run()
    assert not app.exception
    table = next(frame.value for frame in app.dataframe if "by" in frame.value)
    assert table["by"].tolist() == ["done", "done, 4 flips"]
    assert "McNemar" in texts(app.markdown)


def test_alone_it_can_look_at_draws_of_a_recipe(open_page: Callable, finished: Any, texts: Callable) -> None:
    app = open_page("compare", data=finished.dataset.fingerprint, run="done")
    app.button_group(key="views").set_value(["recipe"]).run()
    app.selectbox(key="views_recipe").set_value("gentle")
    app.number_input(key="views_draws").set_value(2).run()
    assert not app.exception
    assert not app.error
    table = next(frame.value for frame in app.dataframe if "by" in frame.value)
    assert table["by"].tolist() == ["done", "done, 2 draws of gentle"]


def test_two_runs_and_their_ensemble(
    open_page: Callable, finished: Any, twin: Run, texts: Callable, html: Callable
) -> None:
    app = open_page("compare", data=finished.dataset.fingerprint, run="done", **{"with": "twin"})
    assert not app.exception
    assert not app.error
    table = next(frame.value for frame in app.dataframe if "by" in frame.value)
    assert table["by"].tolist() == ["done", "twin", "ensemble (probabilities)"]
    metrics = finished.run.read_json(finished.run.metrics)["test"]
    assert table["accuracy"][0] == pytest.approx(metrics["accuracy"])
    assert "twin is right" in texts(app.markdown)
    assert "row " in html(app)


def test_without_a_run_it_says_what_to_do(open_page: Callable, tiny: Any, texts: Callable) -> None:
    app = open_page("compare", data=tiny.fingerprint)
    assert not app.exception
    assert "no trained run yet" in texts(app.info)
