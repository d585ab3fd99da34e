"""The frame of the app: every page opens, links carry the choices, and a wrong link says so."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from bcc.datasets import Dataset
from pages.parts import chosen, links, words

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
    for link in app.page_link:
        query = parse_qs(link.proto.query_string)
        assert query == {links.DATA: [finished.dataset.fingerprint], links.RUN: ["done"]}


def test_a_choice_in_the_sidebar_goes_to_the_address(
    open_page: Callable, tiny: Dataset, finished: Any
) -> None:
    app = open_page("home", data=tiny.fingerprint)
    app.sidebar.selectbox(key="chosen_data").set_value(finished.dataset.fingerprint).run()
    app.sidebar.selectbox(key="chosen_run").set_value("done").run()
    assert app.query_params == {"data": finished.dataset.fingerprint, "run": "done"}
    app.sidebar.selectbox(key="chosen_run").set_value(None).run()
    assert app.query_params == {"data": finished.dataset.fingerprint}


def test_without_a_choice_the_built_in_set_is_opened(
    open_page: Callable, tiny: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr(chosen, "load", lambda source, progress: asked.append(source) or tiny)
    app = open_page("home")
    assert asked == ["synthetic"]
    assert app.query_params["data"] == tiny.fingerprint


@pytest.mark.parametrize("name", links.PAGES)
def test_unknown_names_in_a_link_are_explained(
    open_page: Callable, tiny: Dataset, texts: Callable, name: str
) -> None:
    app = open_page(name, data="feedfeedfeedfeed", run="../../etc")
    assert not app.exception
    assert not app.error
    if name in ("home", "data", "train"):
        assert "data set 'feedfeedfeedfeed', which is not on this machine" in texts(app.warning)
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
    assert words.duration(75.2) == "1 min 15 s"
    assert words.duration(3 * 3600 + 65) == "3 h 01 min"
    assert words.duration(None) == "–"
    assert words.percent(0.9634) == "96.3%"
    assert words.plain("[a](http://b) *c* `d`") == r"\[a\]\(http\://b\) \*c\* \`d\`"
