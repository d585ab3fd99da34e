"""Answers on disk: appended, read back, never lost to a damaged line or another spelling of the name."""

from __future__ import annotations

from pathlib import Path

import pytest

from bcc.errors import UserError
from bcc.practice.answers import (
    Answer,
    all_answers,
    answers_folder,
    answers_mark,
    answers_path,
    person,
    read_answers,
    save,
)

ONE = Answer(when="2026-01-02T03:04:05+00:00", round="r", data="d", row=3, truth="a", answer="b", seconds=1.5)


@pytest.fixture(autouse=True)
def _data(data_folder: Path) -> None:
    """Each test has its own data folder."""


def test_answers_come_back_in_order() -> None:
    save("Ann", ONE)
    save(" ann ", ONE.model_copy(update={"answer": "a"}))
    book = read_answers("ANN")
    assert book.name == "Ann"
    assert [one.right for one in book.answers] == [False, True]
    assert book.damaged == 0


def test_somebody_new_has_an_empty_book() -> None:
    assert read_answers("Nobody").answers == ()
    assert all_answers() == []
    assert answers_mark() == ()


def test_damaged_lines_cost_themselves_alone() -> None:
    save("Ann", ONE)
    path = answers_path("Ann")
    path.write_bytes(path.read_bytes() + b'{"row": -1}\n[[[\n\xff\xfe\n{"when": "cut sh')
    save("Ann", ONE)
    book = read_answers("Ann")
    assert len(book.answers) == 2
    assert book.damaged == 4


def test_a_file_that_cannot_be_read_hides_nobody_else() -> None:
    save("Ann", ONE)
    (answers_folder() / "folder.jsonl").mkdir()
    assert [book.name for book in all_answers()] == ["Ann"]


def test_every_answer_changes_the_mark() -> None:
    save("Ann", ONE)
    before = answers_mark()
    save("Ann", ONE)
    assert answers_mark() != before


@pytest.mark.parametrize("name", ["", "  ", "\n", "x" * 41])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(UserError):
        save(name, ONE)
    assert all_answers() == []


def test_any_other_name_stays_within_its_folder_and_readable() -> None:
    for name in ("../../etc/passwd", "<b>Ann</b>", "Änne\u202e", "李", "con", "a/b\\c:*?"):
        save(name, ONE)
        assert answers_path(name).parent == answers_folder()
        assert read_answers(name).name == person(name)
    assert len(all_answers()) == 6
    assert "\\u202e" in person("Änne\u202e")


def test_a_full_disk_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(UserError, match=r"disk is full.*answers of 'Ann'"):
        save("Ann", ONE)
