"""The same actions as the app's, from a shell: `bcc --help`, or `python -m bcc --help`.

Commands are thin: they read arguments, call `bcc` and print. Bad input ends with one sentence and exit
status 2. docs/command-line.md is the reference; options keep their names and meanings. One module for each
group of commands; the order of the imports is the order in which help lists them.
"""

from __future__ import annotations

import errno
import io
import sys

# isort: off
from bcc.atomic_files import FULL, why_not_written
from bcc.cli.app import app
from bcc.cli import serving, data, find_cells, quality, labels, augmenting, training, runs, queue  # noqa: F401
from bcc.cli import scoring, transfer, robustness, comparing, reporting, explaining  # noqa: F401
from bcc.cli import practice, searching  # noqa: F401

# isort: on
from bcc.cli.terminal import say_aside
from bcc.errors import UserError
from bcc.paths import printable

__all__ = ["app", "main"]


def main() -> None:
    """Run the command line; a `UserError` becomes one sentence and exit status 2."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Names of files may be bytes that are no text; they are shown as escapes.
            stream.reconfigure(errors="backslashreplace")
    try:
        _check_words(sys.argv[1:])
        _revive_queue()
        app()
    except UserError as error:
        _refuse(str(error))
    except OSError as error:
        if error.errno not in _REFUSALS:
            raise
        if error.errno in FULL:
            what = f"'{printable(str(error.filename))[:200]}'" if error.filename else "what the command makes"
            _refuse(why_not_written(error, what))
        about = f"'{printable(str(error.filename))[:200]}': " if error.filename else ""
        _refuse(f"{about}{error.strerror}.")


_REFUSALS = {
    errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.ENAMETOOLONG, errno.ELOOP,
    errno.ENOTDIR, errno.EISDIR, errno.EFBIG,
}  # fmt: skip
"""What a system refuses because of a path, a permission or a disk: bad input, and no bug."""


def _refuse(sentence: str) -> None:
    say_aside(f"bcc: {sentence}")
    sys.exit(2)


def _check_words(words: list[str]) -> None:
    """A shell hands bytes through as they are; everything after this may rely on text.

    But for images to predict: one odd name among hundreds that a pattern stands for stops none of them.
    """
    for word in words:
        if printable(word) != word and not (words[0] == "predict" and _is_image(word)):
            raise UserError(
                f"'{printable(word)[:80]}' is no UTF-8: rename the file or folder, and give its new name."
            )


def _is_image(word: str) -> bool:
    from bcc.datasets.images.decode import is_image

    return is_image(word)


def _revive_queue() -> None:
    """After a restart of the machine the first command sees to the runs that wait; a look at one file."""
    from bcc.paths import runs_folder

    if (runs_folder() / ".queue.json").exists():
        from bcc.jobs import revive

        revive()
