"""What people say about a run: name, note, tags, whether it is a favourite, which question it is part of.

A small file of the run's own, so that it goes where the run goes. Training never touches it.
"""

from __future__ import annotations

import re
from typing import Any

from pydantic import field_validator

from bcc.atomic_files import write_json
from bcc.runs.run import Run
from bcc.specs import Spec, check, option

RESULTS = ("validation_accuracy", "accuracy", "status", "run")
"""What an answer says of each run beside the fields that were varied."""


class About(Spec):
    """The contents of about.json."""

    name: str = option("", "What to call the run; its id where empty.")
    note: str = option("", "A few words or sentences about it.")
    tags: tuple[str, ...] = option((), "Words to find it by.")
    favourite: bool = option(False, "Whether it is among the favourites.")
    what_if: str = option("", "Name of the question that it is part of the answer to; empty for none.")
    varied: dict[str, bool | int | float | str | None] = option(
        {}, "Values of the fields that the question varies."
    )

    @field_validator("name", "note")
    @classmethod
    def _trimmed(cls, text: str) -> str:
        return text.strip()

    @field_validator("varied")
    @classmethod
    def _fields(cls, varied: dict[str, Any]) -> dict[str, Any]:
        """Dotted names of fields, so that none is taken for a result."""
        for name in varied:
            if name in RESULTS or not re.fullmatch(r"[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*", name):
                raise ValueError(f"'{name[:60]}' is no field that a question can vary")
        return varied

    @field_validator("tags")
    @classmethod
    def _plain_tags(cls, tags: tuple[str, ...]) -> tuple[str, ...]:
        """Trimmed, in order, each once, none empty."""
        return tuple(dict.fromkeys(tag.strip() for tag in tags if tag.strip()))


def read_about(run: Run) -> About:
    """What was said about a run; nothing where the file is missing.

    Raises:
        UserError: the file is damaged.
    """
    if not run.about.exists():
        return About()
    return check(About, run.read_json(run.about), f"about.json of run '{run.id}'")


def write_about(run: Run, about: About) -> None:
    """Replace the file."""
    write_json(run.about, about.model_dump(mode="json"))
