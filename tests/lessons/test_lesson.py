"""Lessons as files: those that ship, people's own, and what is no lesson."""

from __future__ import annotations

from pathlib import Path

import pytest

from bcc.errors import UserError
from bcc.lessons import Check, lesson_names, lessons_folder, parse_lesson, read_lesson

TEXT = """# Title
minutes: 20
about: a line

Text of the *lesson*.

## First
open: clean?data=synthetic&tab=Findings&only=a b&only=c
question: Why?
check: run data.source=x at-least=2

Do it: now.

## Second
Only text.
"""


def test_a_file_becomes_steps() -> None:
    lesson = parse_lesson(TEXT, "mine")
    assert (lesson.title, lesson.minutes, lesson.about, lesson.text) == (
        "Title", 20, "a line", "Text of the *lesson*.",
    )  # fmt: skip
    first, second = lesson.steps
    assert (first.title, first.page, first.question, first.text) == ("First", "clean", "Why?", "Do it: now.")
    assert first.query == (("data", "synthetic"), ("tab", "Findings"), ("only", "a b"), ("only", "c"))
    assert first.check == Check("run", 2, (("data.source", "x"),))
    assert (second.text, second.page, second.check) == ("Only text.", "", None)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "begins with no title"),
        ("Title\n## Step", "begins with no title"),
        ("# Title\n", "has no step"),
        ("# Title\nminutes: many\n## Step", "no number"),
        ("# Title\nopens: x\n## Step", "says 'opens'"),
        ("# Title\n## Step\nopen: a\nopen: b", "says 'open' twice"),
        ("# Title\n## Step\ncheck: magic", "'magic', which is not known"),
        ("# Title\n## Step\ncheck: scan data", "key=value"),
        ("# Title\n## Step\ncheck: scan at-least=x", "no number"),
        ("# Title\n## Step\ncheck: scan weights=x", "no setting 'weights'"),
    ],
)
def test_what_is_no_lesson_is_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        parse_lesson(text, "mine")


def test_five_lessons_ship_and_each_step_asks_something(data_folder: Path) -> None:
    names = lesson_names()
    assert [name[0] for name in names] == ["1", "2", "3", "4", "5"]
    for name in names:
        lesson = read_lesson(name)
        assert lesson.minutes == 45
        assert 5 <= len(lesson.steps) <= 8
        assert any(step.check for step in lesson.steps)
        for step in lesson.steps:
            assert step.question.endswith("?")
            assert step.answer
            assert step.note
            assert step.page


def test_ones_own_lessons_join_and_may_replace_one(data_folder: Path) -> None:
    lessons_folder().mkdir(parents=True)
    (lessons_folder() / "mine.md").write_text(TEXT)
    (lessons_folder() / "3-fine-tuning.md").write_text("\ufeff" + TEXT.replace("\n", "\r\n"), "utf-8")
    assert lesson_names()[-1] == "mine"
    assert len(lesson_names()) == 6
    assert read_lesson("mine").minutes == 20
    assert read_lesson("3").title == "Title"
    assert read_lesson("1").name == "1-what-is-in-a-set"


@pytest.mark.parametrize("name", ["", "9", "../../etc/passwd", "mine\0", "x" * 300])
def test_no_such_lesson_is_one_sentence(name: str, data_folder: Path) -> None:
    with pytest.raises(UserError, match="There is no lesson"):
        read_lesson(name)


def test_a_file_that_cannot_be_read_is_one_sentence(data_folder: Path) -> None:
    lessons_folder().mkdir(parents=True)
    (lessons_folder() / "bytes.md").write_bytes(b"# \xff\xfe")
    (lessons_folder() / "large.md").write_bytes(b"# x" * 2**20)
    for name in ("bytes", "large"):
        with pytest.raises(UserError, match="cannot be read"):
            read_lesson(name)
