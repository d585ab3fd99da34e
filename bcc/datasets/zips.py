"""Open a zip, or say in one sentence why not; .npz files are zips too.

Damaged archives make `zipfile` raise many kinds of exceptions; they are listed here once.
"""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from pathlib import Path

from bcc.errors import UserError

MAX_TOTAL = 200 * 2**30
ABSURD_RATIO = 200
HARMLESS_TOTAL = 2**30
"""Bytes up to which any compression ratio is believed."""

DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    TypeError,
    KeyError,
    OverflowError,
    # NotImplementedError is one of them.
    RuntimeError,
)
"""What opening and reading may raise where bytes are not what they should be."""


def open_zip(path: Path) -> zipfile.ZipFile:
    """Open a file for reading.

    Raises:
        UserError: it is damaged, cut short, no zip at all, or may not be read.
    """
    try:
        return zipfile.ZipFile(path)
    except PermissionError as error:
        raise UserError(f"{path.name} may not be read; change its permissions.") from error
    except DAMAGE as error:
        raise UserError(damaged(path.name)) from error


def refuse_absurd(entries: list[zipfile.ZipInfo], path: Path, instead: str) -> None:
    """Refuse a file that would unpack to something absurd: above 200 times its size where that makes more
    than 1 GB, or above 200 GB in all.

    Args:
        entries: what would be read.
        path: of the file.
        instead: what to do, as the end of the sentence.

    Raises:
        UserError: it would.
    """
    total = sum(entry.file_size for entry in entries)
    ratio = total / max(path.stat().st_size, 1)
    if total > MAX_TOTAL or (total > HARMLESS_TOTAL and ratio > ABSURD_RATIO):
        raise UserError(
            f"{path.name} is refused: it would unpack to {total / 1e9:,.1f} GB, {ratio:,.0f} times its size; "
            f"{instead}."
        )


def damaged(name: str, key: str | None = None) -> str:
    """The sentence about a damaged file; `key` is the array in it where the damage shows."""
    inside = f" at '{key}'" if key else ""
    suffix = Path(name).suffix.lower()
    return f"{name} is no complete {suffix} file (damaged or cut short{inside}); download or copy it again."
