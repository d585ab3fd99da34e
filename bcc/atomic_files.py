"""Write a file whole or not at all, so that a reader, or a killed process, never sees half of one."""

from __future__ import annotations

import errno
import json
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from bcc.errors import UserError

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""A full disk, a used-up quota, a limit on the size of files."""


def why_not_written(
    error: OSError,
    what: str,
    where: Path | None = None,
    way_on: str = "free some space and try again",
    done: str = "written",
) -> str:
    """Explain in one sentence why something could not be written.

    Args:
        error: raised by the system.
        what: was being written: "the selection 'good'", "'scores.csv'".
        where: its folder, where `what` is not a whole path.
        way_on: what to do when the disk is full.
        done: the verb: "written", or "made" for a folder.
    """
    place = f" to '{where}'" if where is not None else ""
    if error.errno in FULL:
        why = "Files may not be that large here" if error.errno == errno.EFBIG else "The disk is full"
        return f"{why}: {what} could not be {done}{place}; {way_on}."
    return f"{what[:1].upper()}{what[1:]} cannot be {done}{place}: {error.strerror or error}."


@contextmanager
def explaining_full_disk(path: Path) -> Iterator[None]:
    """Turn a full disk (a used-up quota, a limit on the size of files) into one clear sentence.

    Raises:
        UserError: `path` could not be written for want of room.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        kept = "what was saved before stays readable"
        raise UserError(why_not_written(error, f"'{path.name}'", path.parent, kept)) from error


def is_device(path: Path) -> bool:
    """Whether a path is a device, a pipe or anything in /dev, which must not be replaced."""
    return Path("/dev") in path.absolute().parents or (
        path.exists() and not (path.is_file() or path.is_dir())
    )


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a temporary file next to `path` that replaces it when the block succeeds.

    A device or pipe, such as /dev/stdout, is written to and never replaced.

    Raises:
        UserError: the disk is full; what was at `path` before stays as it was.
    """
    with explaining_full_disk(path):
        if is_device(path):
            with path.open("wb") as file:
                yield file
            return
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                yield file
            os.chmod(temporary, 0o644)
            os.replace(temporary, path)
        finally:
            Path(temporary).unlink(missing_ok=True)


def clear_half_written(paths: Iterable[Path]) -> int:
    """Remove temporary files left by killed processes; the files themselves stay.

    Args:
        paths: of files that nobody else writes meanwhile.

    Returns:
        How many temporary files were removed.
    """
    count = 0
    for path in paths:
        # As `tempfile.mkstemp` calls them for `replacing`.
        left = re.compile(rf"{re.escape(f'.{path.name}.')}[a-z0-9_]{{8}}")
        for one in list(path.parent.iterdir()) if path.parent.is_dir() else []:
            if left.fullmatch(one.name) and one.is_file() and not one.is_symlink():
                one.unlink(missing_ok=True)
                count += 1
    return count


def write_json(path: Path, value: Any) -> None:
    """Write `value` as indented JSON."""
    with replacing(path) as file:
        text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        # Names of files that are no UTF-8 come as lone surrogates, which are written as escapes.
        file.write(text.encode("utf-8", "backslashreplace"))


def write_arrays(path: Path, **arrays: np.ndarray) -> None:
    """Write named arrays as an `.npz` without pickles. Weights do not compress, so it does not try."""
    with replacing(path) as file:
        np.savez(file, allow_pickle=False, **arrays)
