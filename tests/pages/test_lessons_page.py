"""The page Lessons: every step of every lesson opens a page that takes its state."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from bcc.datasets import load, synthetic
from bcc.datasets.synthetic import shortcut
from bcc.lessons import Step, lesson_names, lessons_folder, read_lesson
from bcc.paths import LESSON
from pages.parts.state import links

STEPS = [
    pytest.param(step, id=f"{name[0]}.{place}")
    for name in lesson_names()
    for place, step in enumerate(read_lesson(name).steps, 1)
]


UNBOUND = {"data", "run", "train_on"}
"""What pages read from the address without a control of that name."""


def controls(app: AppTest) -> set[str]:
    """Keys of all controls on the page, tabs too."""
    return set(re.findall(r"\$\$ID-[0-9a-f]+-([\w.:]+)", " ".join(map(str, protos(app)))))


def protos(app: AppTest) -> list[object]:
    """What the browser is sent, of every element and block."""
    found, open_blocks = [], [app._tree]
    while open_blocks:
        one = open_blocks.pop()
        found.append(getattr(one, "proto", None))
        open_blocks += list(getattr(one, "children", {}).values())
    return found


@pytest.fixture
def painted(monkeypatch: pytest.MonkeyPatch, data_folder: Path) -> dict[str, str]:
    """The built-in sets, with few cells each: name -> fingerprint."""
    small = partial(synthetic.paint_set, cells=48)
    monkeypatch.setattr(synthetic, "paint_set", small)
    monkeypatch.setattr(shortcut, "paint_set", small)
    names = ("synthetic", "synthetic-clean", "synthetic-shortcut")
    return {name: load(name).fingerprint for name in names}


@pytest.mark.parametrize("step", STEPS)
def test_a_step_opens_its_page_in_its_state(
    step: Step, open_page: Callable[..., AppTest], painted: dict[str, str]
) -> None:
    assert step.page in links.PAGES
    query: dict[str, str] = {"data": painted["synthetic"]}
    for key, value in step.query:
        value = "pbc" if value.startswith("newest") else value
        query[key] = painted.get(value, value) if key == "data" else value
    app = open_page(step.page, **query)
    assert not app.exception
    assert not app.error
    there = controls(app)
    assert {key for key in query if key not in UNBOUND} <= there, f"{step.page} has only {sorted(there)}"
    if "train_on" in query:
        assert app.radio(key="source.quick").value == "chosen"
    for key, value in query.items():
        widget = [one for one in app.main if getattr(one, "key", None) == key]
        # A control drops a value from the address that it cannot take, and one that is its own first value.
        taken = app.query_params.get(key) in (value, [value])
        assert taken or any(str(one.value) == value for one in widget), (
            f"{step.page} does not take {key}={value}"
        )


def test_lessons_are_listed_and_one_is_opened(
    open_page: Callable, painted: dict[str, str], texts: Callable
) -> None:
    app = open_page("lessons")
    assert not app.exception
    assert len(app.main.page_link) == 5
    app = open_page("lessons", lesson="5-what-does-it-look-at", teacher="true")
    assert not app.exception
    assert "0 of 3 checks done" in " ".join(one.proto.text for one in app.main.get("progress"))
    assert "Published cases" in texts(app.info)
    assert any(
        "synthetic-shortcut" not in one.label and "Open Data" in one.label for one in app.main.page_link
    )
    # Elsewhere the sidebar leads back.
    assert "Back to the lesson" not in [one.label for one in app.sidebar.page_link]
    app.query_params.clear()
    app = app.switch_page("pages/runs.py").run()
    assert "Back to the lesson" in [one.label for one in app.sidebar.page_link]


def test_a_missing_set_is_painted_on_request(open_page: Callable, data_folder: Path) -> None:
    app = open_page("lessons", lesson="5")
    assert not app.exception
    assert app.main.button[0].label == "Paint the dataset synthetic-shortcut"


def test_an_own_lesson_with_a_missing_page_says_so(
    open_page: Callable, texts: Callable, data_folder: Path
) -> None:
    lessons_folder().mkdir(parents=True)
    (lessons_folder() / "mine.md").write_text(
        "# <b>Mine</b>\n## Go\nopen: nowhere\n\n<script>alert(1)</script>"
    )
    (lessons_folder() / "broken.md").write_text("nothing")
    app = open_page("lessons", lesson="mine")
    assert not app.exception
    assert "the page 'nowhere', which there is not" in texts(app.warning)
    app = open_page("lessons")
    assert not app.exception
    assert "'broken' begins with no title" in texts(app.error)
    app = open_page("lessons", lesson="gone")
    assert "There is no lesson 'gone'" in texts(app.error)


def test_the_app_opens_with_a_lesson_once(
    open_page: Callable, monkeypatch: pytest.MonkeyPatch, data_folder: Path
) -> None:
    monkeypatch.setenv(LESSON, "2-augmentation")
    app = open_page("home")
    assert not app.exception
    assert app.query_params["lesson"] in ("2-augmentation", ["2-augmentation"])


def test_a_setting_that_no_page_has_would_be_noticed(open_page: Callable, painted: dict[str, str]) -> None:
    app = open_page("clean", data=painted["synthetic"], tab="Findings", nosuch="x")
    assert "tab" in controls(app)
    assert "nosuch" not in controls(app)
