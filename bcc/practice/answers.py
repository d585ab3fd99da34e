"""The answers that people gave: one file per person, one line per answer, appended and never rewritten.

    <data>/practice/answers/<name>-<hash>.jsonl

The first line names the person. A name is all that somebody needs; whoever gives the same name goes on with
the same file. Lines that cannot be read are counted and skipped, so that a damaged one costs one answer.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from bcc.atomic_files import why_not_written
from bcc.errors import UserError
from bcc.json_files import parse_json, read_bytes
from bcc.paths import data_folder
from bcc.safe_text import shown
from bcc.specs import Spec, option

FORMAT = 1
LONGEST_NAME = 40
TOO_LATE = ""
"""In place of a class: the time was over."""
_LARGEST = 64 * 2**20
"""Bytes of one person's file, about 200,000 answers."""


class Answer(Spec):
    """One answer to one cell."""

    when: str = option("", "When it was given, UTC.")
    round: str = option("", "The round that it belongs to.")
    data: str = option("", "Fingerprint of the dataset.")
    row: int = option(0, "Row of the cell.", ge=0)
    truth: str = option("", "The class that counted as right.")
    answer: str = option(TOO_LATE, "The class that was answered; empty when the time was over.")
    seconds: float = option(0.0, "From the first sight of the cell to the answer.", ge=0)
    distorted: bool = option(False, "The image was shown distorted.")
    again: bool = option(False, "The cell had been shown earlier in the same round.")
    quiz: str = option("", "The quiz that it belongs to.")
    run: str = option("", "The run that was asked about the same image.")
    run_answer: str = option("", "The class that the run predicted.")
    run_share: float = option(0.0, "How sure the run was, 0..1.", ge=0, le=1)

    @property
    def right(self) -> bool:
        """Whether the answer is the class that counts."""
        return self.answer == self.truth


@dataclass(frozen=True)
class AnswerBook:
    """All answers of one person, the oldest first.

    Attributes:
        name: of the person.
        answers: what was read.
        damaged: lines that could not be read.
    """

    name: str
    answers: tuple[Answer, ...] = ()
    damaged: int = 0


def answers_folder() -> Path:
    """Where the files lie."""
    return data_folder() / "practice" / "answers"


def person(text: str) -> str:
    """A name as it is stored: without blanks around it, every character visible.

    Raises:
        UserError: there is nothing left, or it is too long.
    """
    name = shown(" ".join(unicodedata.normalize("NFC", text).split()))
    if not name:
        raise UserError("Give a name first; any name will do.")
    if len(name) > LONGEST_NAME:
        raise UserError(f"The name has {len(name)} letters; use at most {LONGEST_NAME}.")
    return name


def answers_path(name: str) -> Path:
    """The file of a person; upper and lower case make no difference.

    Raises:
        UserError: this is no name.
    """
    plain = person(name).casefold()
    letters = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:24] or "person"
    return answers_folder() / f"{letters}-{hashlib.sha256(plain.encode()).hexdigest()[:10]}.jsonl"


def save(name: str, answer: Answer) -> None:
    """Append an answer to a person's file.

    Raises:
        UserError: this is no name, or the file cannot be written.
    """
    path = answers_path(name)
    line = _line(answer.model_dump())
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            line = _line({"format": FORMAT, "name": person(name)}) + line
        # One write of one line: two servers that append at once do not mix their lines. It begins with an end
        # of line where the last one was cut short.
        with path.open("ab") as file:
            file.write(line if not file.tell() or _ends_with_line(path) else b"\n" + line)
    except OSError as error:
        raise UserError(why_not_written(error, f"the answers of '{person(name)}'", path.parent)) from error


def read_answers(name: str) -> AnswerBook:
    """All answers of a person; an empty book for somebody new.

    Raises:
        UserError: this is no name, or the file cannot be read.
    """
    path = answers_path(name)
    return _read(path) if path.exists() else AnswerBook(person(name))


def all_answers() -> list[AnswerBook]:
    """The answers of all who ever answered here, by name; files that cannot be read are left out."""
    books = []
    for path in sorted(answers_folder().glob("*.jsonl")) if answers_folder().is_dir() else []:
        try:
            books.append(_read(path))
        except UserError:
            continue
    return sorted(books, key=lambda book: book.name.casefold())


def answers_mark() -> tuple[tuple[str, int], ...]:
    """What changes when somebody answers: name and size of each file."""
    folder = answers_folder()
    paths = sorted(folder.glob("*.jsonl")) if folder.is_dir() else []
    return tuple((path.name, path.stat().st_size) for path in paths if path.is_file())


def _read(path: Path) -> AnswerBook:
    try:
        lines: Sequence[bytes] = read_bytes(path, _LARGEST).splitlines()
    except (OSError, ValueError) as error:
        raise UserError(f"The answers in '{path.name}' cannot be read: {error}.") from error
    name, answers, damaged = "", [], 0
    for place, line in enumerate(line for line in lines if line.strip()):
        try:
            value = parse_json(line)
            if place == 0 and isinstance(value, dict) and "name" in value:
                name = person(str(value["name"]))
            else:
                answers.append(Answer.model_validate(value))
        except (ValueError, ValidationError, UserError):
            damaged += 1
    return AnswerBook(name or path.stem.rpartition("-")[0], tuple(answers), damaged)


def _line(values: dict[str, object]) -> bytes:
    return (json.dumps(values, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace")


def _ends_with_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, 2)
        return file.read(1) == b"\n"
