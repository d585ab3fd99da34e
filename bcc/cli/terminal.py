"""Lines on a terminal: names from files and people are shown letter by letter, and none is obeyed.

Every command prints through here. What programs read (`--json`) stays as it is.
"""

from __future__ import annotations

import logging
import sys

from bcc.safe_text import shown


def say(line: object = "") -> None:
    """Print one line, whatever names are in it."""
    print(shown(line))


def say_aside(line: object) -> None:
    """Print one line beside the command's own output, on standard error."""
    print(shown(line), file=sys.stderr)


def say_block(text: str) -> None:
    """Print text of several lines, such as a note; whoever calls it has seen to the names in it."""
    print(shown(text, lines=True))


def say_to_programs(text: str) -> None:
    """Print JSON as it is."""
    print(text)


class Letters(logging.Formatter):
    """A log for a terminal: one line an event, whatever names are in it."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        """The line, without what the terminal would obey."""
        return shown(super().formatMessage(record))
