"""Where things live on disk: datasets, their cache, runs and the app; and the paths that people name.

`data` and `runs` lie at the top of a checkout, or in the user's own data folder where the package was
installed. `BCC_HOME` moves both, and `BCC_DATA` and `BCC_RUNS` move one, elsewhere (another disk, a test's
temporary folder). They are made when something is first put into them.
"""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

from bcc.errors import UserError

_LONGEST_NAME, _LONGEST = 255, 4095
"""Bytes of a file's name and of a path on the systems that this runs on."""
_SHOWN = 80
"""Letters of a bad name that a message repeats."""

LESSON = "BCC_LESSON"
"""Environment variable: the lesson that the app opens with."""

PACKAGE = Path(__file__).resolve().parent
PROJECT = PACKAGE.parent
"""The top of the checkout, or what the package was installed into."""


def is_installed() -> bool:
    """Whether the package runs from a wheel, which holds the app within it, and not from a checkout."""
    return (PACKAGE / "app").is_dir()


def app_folder() -> Path:
    """What holds `app.py`, `pages` and Streamlit's settings: the top of a checkout, `bcc/app` of a wheel."""
    return PACKAGE / "app" if is_installed() else PROJECT


def home_folder() -> Path:
    """What holds `data` and `runs`, unless they have been moved one by one."""
    if chosen := os.environ.get("BCC_HOME"):
        return Path(chosen)
    return platformdirs.user_data_path("bcc", appauthor=False) if is_installed() else PROJECT


def data_folder() -> Path:
    """Return the folder of datasets, downloads and the cache."""
    return Path(os.environ.get("BCC_DATA") or home_folder() / "data")


def cache_folder() -> Path:
    """Return the folder of converted arrays: one folder per dataset, named by its fingerprint."""
    return data_folder() / ".cache"


def runs_folder() -> Path:
    """Return the folder of training runs, one directory per run."""
    return Path(os.environ.get("BCC_RUNS") or home_folder() / "runs")


def path_of(text: str | Path) -> Path:
    """The path that a person's words name, `~` meaning their home folder.

    Raises:
        UserError: no file can be called so: empty, no UTF-8, a NUL, a name that is too long, or the home of
            somebody who is unknown here.
    """
    text = str(text)
    shown = printable(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")
    if not text.strip():
        raise UserError("The name of the file is empty: give a path.")
    if printable(text) != text:
        raise UserError(f"'{shown}' is no UTF-8: rename the file or folder, and give its new name.")
    if "\0" in text:
        raise UserError(f"'{shown!r}' is no path: it holds a NUL character.")
    if len(text.encode()) > _LONGEST or any(len(part.encode()) > _LONGEST_NAME for part in Path(text).parts):
        raise UserError(
            f"'{shown}' is too long for a path: a name may have {_LONGEST_NAME} bytes, a path {_LONGEST:,}."
        )
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise UserError(f"'{shown}' leads to the home of a person who is not known here.") from error


def printable(text: str) -> str:
    """The text with bytes and halves of letters that are no UTF-8 written as escapes."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def is_file(path: Path) -> bool:
    """Whether there is a regular file, or a link to one; what cannot be looked at is none."""
    try:
        return path.is_file()
    except OSError:
        return False


def is_folder(path: Path) -> bool:
    """Whether there is a folder; what cannot be looked at (too long, not allowed) is none."""
    try:
        return path.is_dir()
    except OSError:
        return False
