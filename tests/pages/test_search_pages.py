"""A search on the pages: begun under the form of Train, watched on Runs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bcc.jobs.search import Search, begin_search, parse_dimension, read_search, saved_searches
from bcc.jobs.search.search import open_study
from bcc.paths import runs_folder
from pages.parts.run import search_form
from pages.parts.runs import search_results
from tests.pages.conftest import Finished


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the searches that a process would conduct."""
    names: list[str] = []
    for module in (search_form, search_results):
        monkeypatch.setattr(module, "start_conductor", names.append)
    return names


def searched(finished: Finished) -> Search:
    """A search with five runs, the best of which is the finished one."""
    rate = parse_dimension("all.learning_rate=1e-4..1e-2:log")
    recipe = parse_dimension("recipe=gentle,heavy")
    search = begin_search(Search(name="rates", dimensions=(rate, recipe), runs=5))
    study = open_study(search)
    for value in (0.5, 0.9, 0.7, 0.6):
        trial = study.ask()
        for one in search.dimensions:
            one.suggest(trial)
        trial.set_user_attr("run", finished.run.id if value == 0.9 else f"other-{value}")
        trial.report(value, 1)
        study.tell(trial, value)
    return search


def test_runs_show_what_a_search_found(
    open_page: Callable, finished: Finished, texts: Callable, begun: list[str]
) -> None:
    searched(finished)
    app = open_page("runs")
    assert not app.exception
    assert not app.error
    assert "4 of 5 runs (4 finished); the search is not at work." in texts(app.caption)
    table = next(one.value for one in app.dataframe if "best_so_far" in one.value)
    assert table["validation_accuracy"].tolist() == [0.9, 0.7, 0.6, 0.5]
    assert set(table["recipe"]) <= {"gentle", "heavy"}
    assert "The best run" in [one.label for one in app.main.page_link]
    app.segmented_control(key="search_picture").set_value("one field").run()
    assert not app.exception
    app.button(key="search_go_on").click().run()
    assert begun == ["rates"]


def test_a_search_is_begun_under_the_form(open_page: Callable, finished: Finished, begun: list[str]) -> None:
    app = open_page("train", data=finished.dataset.fingerprint)
    assert app.button(key="search_begin").disabled
    app.text_input(key="search_name").set_value("mine").run()
    app.text_area(key="search_space").set_value("dropout=0..9").run()
    assert "lies outside" in " ".join(one.value for one in app.error)
    assert app.button(key="search_begin").disabled
    app.text_area(key="search_space").set_value("dropout=0..0.5\nrecipe=gentle,heavy").run()
    app.button(key="search_begin").click().run()
    assert not app.exception
    assert begun == ["mine"]
    search = read_search("mine")
    assert [one.field for one in search.dimensions] == ["dropout", "recipe"]
    assert search.runs == 20


def test_a_damaged_search_is_a_sentence(open_page: Callable, finished: Finished, texts: Callable) -> None:
    searched(finished)
    (runs_folder() / ".searches" / "rates" / "study.db").write_bytes(b"nothing")
    app = open_page("runs")
    assert not app.exception
    assert saved_searches() == ["rates"]
    assert "The study of 'rates' cannot be read" in texts(app.error)
    assert "No run has been begun" not in texts(app.info)
