"""A quiz: the same cells for everybody, in one order, made by a teacher and reached by a link.

    <data>/practice/quizzes/<id>.json

It stores the classes that count, so that labels changed later do not change who was right. Answers lie with
those of practice (`bcc.practice.answers`), under the id of the quiz; only the first attempt of a person
counts.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from pydantic import ValidationError

from bcc.atomic_files import why_not_written, write_json
from bcc.datasets.selection import now
from bcc.errors import UserError
from bcc.json_files import read_json
from bcc.paths import data_folder
from bcc.practice.answers import Answer, AnswerBook
from bcc.practice.rounds import Question
from bcc.practice.standing import first_sights
from bcc.safe_text import shown
from bcc.specs import Spec, option
from bcc.trash import Discarded, discard

LONGEST_TITLE = 80
Feedback = Literal["at once", "at the end"]
_ID = re.compile(r"[a-z0-9]{8}")


class Quiz(Spec):
    """One quiz."""

    id: str = option("", "Its name in links.")
    title: str = option("", "What people read.")
    made: str = option("", "When it was made, UTC.")
    data: str = option("", "Fingerprint of the dataset.")
    source: str = option("", "What the dataset is called.")
    class_names: tuple[str, ...] = option((), "The answers to choose from.")
    rows: tuple[int, ...] = option((), "The cells, in their order.")
    truths: tuple[str, ...] = option((), "The class that counts for each cell.")
    feedback: Feedback = option("at the end", "When people learn what was right.")
    seconds: int = option(0, "Time for each cell; 0 for as long as they like.", ge=0, le=120)
    distorted: bool = option(False, "Whether cells are shown distorted.")

    @property
    def questions(self) -> list[Question]:
        """Its cells as a round."""
        return [Question(self.data, row, truth) for row, truth in zip(self.rows, self.truths, strict=True)]


def quizzes_folder() -> Path:
    """Where quizzes lie."""
    return data_folder() / "practice" / "quizzes"


def make_quiz(
    title: str,
    questions: Sequence[Question],
    class_names: Sequence[str],
    source: str,
    *,
    feedback: Feedback = "at the end",
    seconds: int = 0,
    distorted: bool = False,
) -> Quiz:
    """Make a quiz and save it.

    Args:
        title: what people read.
        questions: cells of one dataset.
        class_names: the answers to choose from.
        source: what the dataset is called.
        feedback, seconds, distorted: see `Quiz`.

    Raises:
        UserError: no title, no cells, or the disk is full.
    """
    name = shown(" ".join(title.split()))
    if not name:
        raise UserError("Give the quiz a title.")
    if not questions:
        raise UserError("A quiz needs at least one cell.")
    quiz = Quiz(
        id=secrets.token_hex(4),
        title=name[:LONGEST_TITLE],
        made=now(),
        data=questions[0].data,
        source=source,
        class_names=tuple(class_names),
        rows=tuple(one.row for one in questions),
        truths=tuple(one.truth for one in questions),
        feedback=feedback,
        seconds=seconds,
        distorted=distorted,
    )
    path = quizzes_folder() / f"{quiz.id}.json"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_json(path, quiz.model_dump(mode="json"))
    except OSError as error:
        raise UserError(why_not_written(error, f"the quiz '{quiz.title}'", path.parent)) from error
    return quiz


def read_quiz(quiz_id: str) -> Quiz:
    """A quiz by its id.

    Raises:
        UserError: there is none, or its file is damaged.
    """
    path = _path(quiz_id)
    if path is None or not path.is_file():
        raise UserError(
            f"There is no quiz '{shown(quiz_id[:20])}' on this machine: it was deleted, or the link is not "
            "whole."
        )
    try:
        quiz = Quiz.model_validate(read_json(path))
    except (OSError, ValueError, ValidationError) as error:
        raise UserError(f"The quiz in '{path.name}' is damaged: make it again.") from error
    if len(quiz.rows) != len(quiz.truths) or not quiz.rows or min(quiz.rows) < 0:
        raise UserError(f"The quiz in '{path.name}' is damaged: make it again.")
    return quiz


def saved_quizzes() -> list[Quiz]:
    """All quizzes, the newest first; damaged ones are left out."""
    folder = quizzes_folder()
    found = []
    for path in folder.glob("*.json") if folder.is_dir() else []:
        try:
            found.append(read_quiz(path.stem))
        except UserError:
            continue
    return sorted(found, key=lambda quiz: (quiz.made, quiz.id), reverse=True)


def delete_quiz(quiz_id: str) -> Discarded | None:
    """Move a quiz to the trash beside it; answers stay."""
    path = _path(quiz_id)
    return discard(path) if path is not None and path.is_file() else None


def first_attempt(answers: Iterable[Answer], quiz_id: str) -> list[Answer]:
    """One person's answers to a quiz: those of the round in which it was first taken."""
    own = [one for one in first_sights(answers) if one.quiz == quiz_id]
    return [one for one in own if one.round == own[0].round] if own else []


def quiz_results(quiz: Quiz, books: Iterable[AnswerBook]) -> pd.DataFrame:
    """A line per person who began: `name`, `answered`, `cells`, `right`, `share` (of all cells), `seconds`
    (sum), `begun` (UTC), the best first."""
    lines = []
    for book in books:
        own = first_attempt(book.answers, quiz.id)
        if own:
            right = sum(one.right for one in own)
            lines.append(
                {
                    "name": book.name,
                    "answered": len(own),
                    "cells": len(quiz.rows),
                    "right": right,
                    "share": right / len(quiz.rows),
                    "seconds": float(sum(one.seconds for one in own)),
                    "begun": own[0].when,
                }
            )
    columns = ["name", "answered", "cells", "right", "share", "seconds", "begun"]
    table = pd.DataFrame(lines, columns=columns)
    return table.sort_values(["right", "seconds"], ascending=[False, True]).reset_index(drop=True)


def hardest_questions(quiz: Quiz, books: Iterable[AnswerBook]) -> pd.DataFrame:
    """A line per cell that somebody answered: `row`, `truth`, `n`, `right`, `share`, the hardest first."""
    given = [one for book in books for one in first_attempt(book.answers, quiz.id)]
    right = {row: [one.right for one in given if one.row == row] for row in quiz.rows}
    truth = dict(zip(quiz.rows, quiz.truths, strict=True))
    lines = [
        {"row": row, "truth": truth[row], "n": len(one), "right": sum(one), "share": float(np.mean(one))}
        for row, one in right.items()
        if one
    ]
    table = pd.DataFrame(lines, columns=["row", "truth", "n", "right", "share"])
    return table.sort_values(["share", "row"]).reset_index(drop=True)


def _path(quiz_id: str) -> Path | None:
    return quizzes_folder() / f"{quiz_id}.json" if _ID.fullmatch(quiz_id) else None
