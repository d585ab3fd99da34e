"""The one error that is meant for a person.

Two kinds of things go wrong. Either the input is bad (a file, a value, a run directory): then a
`UserError` says so in one sentence that names the file or field, what was expected and what to do.
Or the program is wrong: then the exception rises as it is. Pages show the first as `st.error`, the
command line prints it and exits with status 2.
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
