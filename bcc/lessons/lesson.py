"""A lesson: a Markdown file, read into steps.

    # Title
    minutes: 45
    about: one line

    What the lesson is about.

    ## A step
    open: clean?data=synthetic
    question: What do you see?
    answer: What a class usually finds.
    note: What the teacher should know.
    check: scan data=synthetic

    What to do.

Lines of the form `word: text` directly under a heading say what belongs to it; all else is Markdown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl

from bcc.errors import UserError
from bcc.json_files import read_bytes
from bcc.lessons.checks import Check, parse_check
from bcc.paths import data_folder
from bcc.safe_text import capital, shown

TEXTS = Path(__file__).parent / "texts"
"""The lessons that ship."""
_LARGEST = 2**20
_FIELD = re.compile(r"([a-z]+):\s+(.*\S)\s*$")
_OF_LESSON = {"minutes", "about"}
_OF_STEP = {"open", "question", "answer", "note", "check"}
_NAME = re.compile(r"[\w][\w .-]{0,79}")


@dataclass(frozen=True)
class Step:
    """One step.

    Attributes:
        title, text: what to do, Markdown.
        page: the page that it opens, "" for none; `query` is in what state.
        question, answer: to think about, and what others found; may be empty.
        note: for the teacher; may be empty.
        check: what tells that it was done; `None` where nothing on disk does.
    """

    title: str
    text: str
    page: str = ""
    query: tuple[tuple[str, str], ...] = ()
    question: str = ""
    answer: str = ""
    note: str = ""
    check: Check | None = None


@dataclass(frozen=True)
class Lesson:
    """One lesson.

    Attributes:
        name: of its file, without the ending.
        title, about, text: what it is about.
        minutes: how long it takes.
        steps: in order.
    """

    name: str
    title: str
    about: str
    text: str
    minutes: int
    steps: tuple[Step, ...]


def lessons_folder() -> Path:
    """Where people put their own lessons."""
    return data_folder() / "lessons"


def lesson_names() -> list[str]:
    """Those that ship, then people's own; one's own hides a shipped one of the same name."""
    own = sorted(path.stem for path in lessons_folder().glob("*.md")) if lessons_folder().is_dir() else []
    shipped = sorted(path.stem for path in TEXTS.glob("*.md"))
    return [*shipped, *(name for name in own if name not in shipped)]


def read_lesson(name: str) -> Lesson:
    """A lesson by the name of its file, or by its number among those that ship.

    Raises:
        UserError: there is none, or the file is no lesson.
    """
    names = lesson_names()
    if name.isdecimal() and len(name) < 4:
        name = next((one for one in names if one.split("-")[0] == name), name)
    if name not in names or not _NAME.fullmatch(name):
        raise UserError(f"There is no lesson '{shown(name[:80])}'; there are {', '.join(names)}.")
    own = lessons_folder() / f"{name}.md"
    path = own if own.is_file() else TEXTS / f"{name}.md"
    try:
        text = read_bytes(path, _LARGEST).decode("utf-8-sig")
    except (OSError, ValueError) as error:
        raise UserError(f"The lesson '{path.name}' cannot be read: {error}.") from error
    return parse_lesson(text, name)


def parse_lesson(text: str, name: str) -> Lesson:
    """Read the text of a lesson.

    Raises:
        UserError: it has no title or no step, or a line that is not understood.
    """
    head, *parts = re.split(r"^## ", text.replace("\r\n", "\n"), flags=re.MULTILINE)
    title, _, rest = head.strip().partition("\n")
    if not title.startswith("# "):
        raise UserError(f"The lesson '{name}' begins with no title: write '# Title' into its first line.")
    if not parts:
        raise UserError(f"The lesson '{name}' has no step: begin each with '## What to do'.")
    fields, about = _fields(rest, _OF_LESSON, f"the lesson '{name}'")
    minutes = fields.get("minutes", "45")
    if not minutes.isdecimal() or len(minutes) > 3:
        raise UserError(f"The lesson '{name}' takes '{minutes}' minutes, which is no number.")
    steps = tuple(_step(part, f"step {place} of the lesson '{name}'") for place, part in enumerate(parts, 1))
    return Lesson(name, title.removeprefix("# ").strip(), fields.get("about", ""), about, int(minutes), steps)


def _step(part: str, where: str) -> Step:
    title, _, rest = part.partition("\n")
    fields, text = _fields(rest, _OF_STEP, where)
    page, _, query = fields.get("open", "").partition("?")
    check = parse_check(fields["check"], where) if "check" in fields else None
    return Step(
        title.strip(),
        text,
        page.strip(),
        tuple(parse_qsl(query, keep_blank_values=True)),
        fields.get("question", ""),
        fields.get("answer", ""),
        fields.get("note", ""),
        check,
    )


def _fields(text: str, known: set[str], where: str) -> tuple[dict[str, str], str]:
    """The `word: text` lines under a heading, and what comes after them."""
    fields: dict[str, str] = {}
    lines = text.split("\n")
    while lines and (found := _FIELD.match(lines[0])):
        word, value = found.groups()
        if word not in known:
            allowed = ", ".join(sorted(known))
            raise UserError(
                f"{capital(where)} says '{word}', which means nothing here; it may say {allowed}."
            )
        if word in fields:
            raise UserError(f"{capital(where)} says '{word}' twice.")
        fields[word] = value
        lines.pop(0)
    return fields, "\n".join(lines).strip()
