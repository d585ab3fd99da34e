"""Quizzes: saved, read back, refused when damaged, and scored by the first attempt."""

from __future__ import annotations

from pathlib import Path

import pytest

from bcc.errors import UserError
from bcc.practice.answers import Answer, AnswerBook
from bcc.practice.quiz import (
    Quiz,
    delete_quiz,
    first_attempt,
    hardest_questions,
    make_quiz,
    quiz_results,
    quizzes_folder,
    read_quiz,
    saved_quizzes,
)
from bcc.practice.rounds import Question


@pytest.fixture
def quiz(data_folder: Path) -> Quiz:
    questions = [Question("d", row, "ab"[row % 2]) for row in range(4)]
    return make_quiz(" Monday\n<b> ", questions, ("a", "b"), "cells.npz", seconds=10)


def test_a_quiz_comes_back_as_it_was_made(quiz: Quiz) -> None:
    assert read_quiz(quiz.id) == quiz
    assert quiz.title == "Monday <b>"
    assert [one.truth for one in quiz.questions] == ["a", "b", "a", "b"]
    assert saved_quizzes() == [quiz]


@pytest.mark.parametrize("quiz_id", ["", "../../x", "ffffffff", "a" * 400, "abc"])
def test_no_such_quiz_is_one_sentence(quiz: Quiz, quiz_id: str) -> None:
    with pytest.raises(UserError, match="There is no quiz"):
        read_quiz(quiz_id)
    assert delete_quiz(quiz_id) is None


@pytest.mark.parametrize("content", ["", "[]", '{"rows": [1], "truths": []}', '{"rows": [], "truths": []}'])
def test_a_damaged_quiz_is_one_sentence_and_hides_no_other(quiz: Quiz, content: str) -> None:
    (quizzes_folder() / "aaaaaaaa.json").write_text(content)
    with pytest.raises(UserError, match="damaged"):
        read_quiz("aaaaaaaa")
    assert saved_quizzes() == [quiz]


def test_a_deleted_quiz_lies_in_the_trash(quiz: Quiz) -> None:
    gone = delete_quiz(quiz.id)
    assert gone is not None
    assert gone.path.is_file()
    assert saved_quizzes() == []


def test_only_the_first_attempt_counts(quiz: Quiz) -> None:
    def attempt(token: str, *said: str) -> tuple[Answer, ...]:
        return tuple(
            Answer(round=token, quiz=quiz.id, data="d", row=row, truth="ab"[row % 2], answer=one, seconds=2.0)
            for row, one in enumerate(said)
        )

    ann = (*attempt("one", "a", "a", "a"), *attempt("two", "a", "b", "a", "b"))
    bob = (*attempt("three", "a", "b", "b", "a"), Answer(quiz="another"))
    books = [AnswerBook("Ann", ann), AnswerBook("Bob", bob), AnswerBook("Cy", ())]
    assert len(first_attempt(ann, quiz.id)) == 3
    table = quiz_results(quiz, books)
    assert table["name"].tolist() == ["Ann", "Bob"]
    assert table["right"].tolist() == [2, 2]
    assert table["share"].tolist() == [0.5, 0.5]
    assert table["seconds"].tolist() == [6.0, 8.0]
    hard = hardest_questions(quiz, books)
    assert hard["row"].tolist() == [3, 1, 2, 0]
    assert hard["share"].tolist() == [0.0, 0.5, 0.5, 1.0]


def test_a_quiz_needs_a_title_and_cells(data_folder: Path) -> None:
    with pytest.raises(UserError, match="title"):
        make_quiz("  ", [Question("d", 0, "a")], ("a",), "s")
    with pytest.raises(UserError, match="at least one cell"):
        make_quiz("t", [], ("a",), "s")
    assert saved_quizzes() == []
