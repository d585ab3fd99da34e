"""`UserError`, the only error that is meant for a person.

Bad input (a file, a value, a run directory) raises a `UserError` with one sentence that names the file or
field, what was expected and what to do. Anything else is a bug, whose exception is not caught. Pages show a
`UserError` as `st.error`, the command line prints it and exits with status 2.
"""

from __future__ import annotations


class UserError(Exception):
    """Bad input, explained in one clear sentence."""

    def __init__(self, message: str) -> None:
        """Make the error; names of files that are no UTF-8 are written so that every screen can show them."""
        super().__init__(message.encode("utf-8", "backslashreplace").decode())


def shortened(name: str, most: int = 80) -> str:
    """A name for a sentence: the middle of an endless one is left out."""
    return name if len(name) <= most else f"{name[: most // 2]}…{name[-most // 2 + 1 :]}"
