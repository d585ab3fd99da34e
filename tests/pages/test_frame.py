"""The frame of the app: every page opens, links carry the choices, and a wrong link says so."""

from __future__ import annotations

import json
import shutil
import threading
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pytest

from bcc.datasets import Dataset, load
from bcc.datasets.synthetic import paint_set
from bcc.errors import UserError
from bcc.paths import data_folder
from bcc.runs import Run
from bcc.runs.about import About, write_about
from pages.parts.background import built_in_dataset, long_work
from pages.parts.state import links
from pages.parts.text import formatting

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", links.PAGES)
def test_page_opens_inside_the_frame(open_page: Callable, tiny: Dataset, name: str) -> None:
    app = open_page(name, data=tiny.fingerprint)
    assert not app.exception
    assert not app.error
    assert len(app.title) == 1
    # The test runs a page without app.py at first, as a fresh server does when a link leads straight to it.
    assert app.sidebar.selectbox(key="chosen_data").value == tiny.fingerprint


@pytest.mark.parametrize("name", links.PAGES)
def test_links_carry_data_and_run(open_page: Callable, finished: Any, name: str) -> None:
    app = open_page(name, data=finished.dataset.fingerprint, run="done")
    assert not app.exception
    assert len(app.sidebar.page_link) == len(links.PAGES)
    queries = [parse_qs(link.proto.query_string) for link in app.page_link]
    assert all(query[links.DATA] == [finished.dataset.fingerprint] for query in queries)
    # Home leads to the model that ships as well.
    to_shipped = [query for query in queries if query[links.RUN] == ["pbc"]]
    assert len(to_shipped) == (4 if name == "home" else 0)
    assert all(query[links.RUN] == ["done"] for query in queries if query not in to_shipped)


def test_a_choice_in_the_sidebar_goes_to_the_address(
    open_page: Callable, tiny: Dataset, finished: Any
) -> None:
    app = open_page("home", data=tiny.fingerprint)
    app.sidebar.selectbox(key="chosen_data").set_value(finished.dataset.fingerprint).run()
    app.sidebar.selectbox(key="chosen_run").set_value("done").run()
    assert app.query_params == {"data": finished.dataset.fingerprint, "run": "done"}
    app.sidebar.selectbox(key="chosen_run").set_value(None).run()
    assert app.query_params == {"data": finished.dataset.fingerprint}


def test_runs_of_one_name_are_told_apart_in_the_list(open_page: Callable, finished: Any) -> None:
    # The browser sends back the line that was chosen: two that read alike led to one of the two runs.
    shutil.copytree(finished.run.folder, finished.run.folder.parent / "again")
    for run_id in ("done", "again"):
        write_about(Run(finished.run.folder.parent / run_id), About(name="quick"))
    for run_id in ("done", "again"):
        app = open_page("train", data=finished.dataset.fingerprint, run=run_id)
        lines = app.sidebar.selectbox(key="chosen_run").options
        assert len(set(lines)) == len(lines) == 3
        app.sidebar.selectbox(key="chosen_run").set_value(run_id).run()
        assert app.query_params["run"] == [run_id] or app.query_params["run"] == run_id
        starts = app.segmented_control(key="preset").options
        labels = [getattr(one, "content", one) for one in starts]
        assert len(set(labels)) == len(labels), "a run that is called as a preset is"


class Painter:
    """In place of `load` for the built-in sets: it paints for as long as the test wants."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.go_on = threading.Event()
        self.problem = ""

    def __call__(self, source: str, progress: Callable[[float, str], None]) -> Dataset:
        self.asked.append(source)
        progress(0.25, "Painting")
        while not self.go_on.wait(0.01):
            progress(0.5, "Painting")
        if self.problem:
            raise UserError(self.problem)
        cells = paint_set(8, seed=len(self.asked), faults=False)
        path = data_folder() / f"{source}.npz"
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(path, images=cells.images, labels=cells.labels)
        opened = load(str(path))
        meta = opened.folder / "meta.json"
        meta.write_text(json.dumps({**json.loads(meta.read_text()), "location": source}))
        return opened


@pytest.fixture
def painter(monkeypatch: pytest.MonkeyPatch) -> Painter:
    painter = Painter()
    monkeypatch.setattr(built_in_dataset, "load", painter)
    return painter


def _painted() -> None:
    for name in ("synthetic", "synthetic-clean"):
        work = long_work.find(("paint", name))
        assert work is not None
        assert work.thread is not None
        work.thread.join()


def test_no_page_waits_for_the_built_in_set(
    open_page: Callable, painter: Painter, texts: Callable, finished: Any
) -> None:
    """Frame and page are there while it is painted, once, whoever asks."""
    for name in links.PAGES:
        app = open_page(name, **({"run": "done"} if name in ("metrics", "train") else {}))
        assert not app.exception
        assert not app.error
        assert len(app.title) == 1
        assert len(app.sidebar.page_link) == len(links.PAGES)
        assert "data" not in app.query_params
        shows_it = name in (
            "home",
            "data",
            "cell",
            "label",
            "clean",
            "augment",
            "train",
            "practise",
            "look_alikes",
        )
        assert bool(list(app.main.get("progress"))) == shows_it, name
        if name == "metrics":
            assert app.metric
    assert painter.asked == ["synthetic"]


def test_the_built_in_set_is_chosen_when_it_is_painted(open_page: Callable, painter: Painter) -> None:
    """Pages may come and go meanwhile."""
    app = open_page("home")
    app = app.switch_page("pages/runs.py").run()
    painter.go_on.set()
    _painted()
    app.run()
    assert painter.asked == ["synthetic", "synthetic-clean"]
    assert app.sidebar.selectbox(key="chosen_data").value == app.query_params["data"]
    app = app.switch_page("pages/data.py").run()
    assert "synthetic" in app.subheader[0].value
    assert not app.get("progress")


def test_painting_that_fails_is_told_and_can_be_tried_again(
    open_page: Callable, painter: Painter, texts: Callable
) -> None:
    painter.problem = "The disk is full."
    painter.go_on.set()
    open_page("runs")
    work = long_work.find(("paint", "synthetic"))
    assert work is not None
    assert work.thread is not None
    work.thread.join()
    app = open_page("data")
    assert "could not be painted. The disk is full." in texts(app.error)
    app.run()
    assert painter.asked == ["synthetic"]
    painter.problem = ""
    app.button(key="paint_again").click().run()
    _painted()
    app.run()
    assert not app.error
    assert "data" in app.query_params


@pytest.mark.parametrize("name", ["train", "saliency", "runs", "paint"])
def test_numbers_that_are_none_are_dropped(open_page: Callable, finished: Any, name: str) -> None:
    number = {"trust_per_class": "1e999", "show": "trust"}
    fields = {f"train.quick.{field}": "9" * 400 for field in ("seed", "all.epochs", "all.learning_rate")}
    address = {**number, **fields, "cell_seed": "9" * 5000, "example_draw": "inf", "sweep": "\x00"}
    app = open_page(name, data=finished.dataset.fingerprint, run="done", **address)
    assert not app.exception
    assert len(app.title) == 1


def test_an_empty_choice_in_the_address_is_none(open_page: Callable, painter: Painter) -> None:
    app = open_page("data", data="", run="")
    assert not app.exception
    assert not app.warning
    assert painter.asked == ["synthetic"]


@pytest.mark.parametrize("name", links.PAGES)
def test_unknown_names_in_a_link_are_explained(
    open_page: Callable, tiny: Dataset, texts: Callable, name: str
) -> None:
    app = open_page(name, data="feedfeedfeedfeed", run="../../etc")
    assert not app.exception
    assert not app.error
    if name in ("home", "data", "train"):
        assert "dataset 'feedfeedfeedfeed', which is not on this machine" in texts(app.warning)
    if name in ("train", "metrics", "saliency"):
        assert "run '../../etc', which is not on this machine" in texts(app.warning)


@pytest.mark.parametrize("name", ["metrics", "saliency", "train", "runs"])
def test_a_run_outside_the_runs_folder_is_never_opened(
    open_page: Callable, finished: Any, tmp_path: Path, name: str
) -> None:
    elsewhere = finished.run.folder.rename(tmp_path / "elsewhere")
    app = open_page(name, data=finished.dataset.fingerprint, run=str(elsewhere))
    assert not app.exception
    assert not app.metric


@pytest.mark.parametrize("name", ["runs", "metrics", "saliency"])
def test_without_runs_a_page_says_what_to_do(
    open_page: Callable, tiny: Dataset, texts: Callable, name: str
) -> None:
    app = open_page(name, data=tiny.fingerprint)
    assert "Start one on the Train page" in texts(app.info)
    assert any(link.proto.page == "train" for link in app.main.page_link)


def test_home_tells_what_is_painted(open_page: Callable, tiny: Dataset, texts: Callable) -> None:
    app = open_page("home", data=tiny.fingerprint)
    assert "1,600 painted (synthetic) cells" in texts(app.markdown)
    assert "Not a medical device" in texts(app.sidebar.caption)


def test_the_server_keeps_to_this_machine() -> None:
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert config["server"]["address"] == "127.0.0.1"
    assert config["server"]["maxUploadSize"] == 500
    assert config["browser"]["gatherUsageStats"] is False
    assert {"light", "dark"} <= set(config["theme"])


def test_numbers_and_texts_are_written_alike() -> None:
    assert formatting.duration(75.2) == "1 min 15 s"
    assert formatting.duration(3 * 3600 + 65) == "3 h 01 min"
    assert formatting.duration(None) == "–"
    assert formatting.percent(0.9634) == "96.3%"
    assert formatting.plain("[a](http://b) *c* `d`") == r"\[a\]\(http\://b\) \*c\* \`d\`"


def test_every_page_is_in_one_group_of_the_sidebar() -> None:
    grouped = [name for names in links.GROUPS.values() for name in names]
    assert sorted(grouped) == sorted(links.PAGES)
