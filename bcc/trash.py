"""Deleted files and folders are first moved to a trash next to them, from which they can be restored.

    <folder>/.trash/<moment>-<token>/<name>

`<folder>` is the folder that the thing lay in, so that moving is a rename: at once, whole, and on the same
disk. Only what this module put there is ever removed, and only by `empty`. What may be deleted at all is for
the callers to say.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bcc.errors import UserError

TRASH = ".trash"
_MOMENT = "%Y%m%d-%H%M%S-%f"
_ENTRY = re.compile(r"(\d{8}-\d{6}-\d{6})-[0-9a-f]{4}")
_EMPTIED = "emptied-"
"""Prefix of an entry that is being removed permanently."""


@dataclass(frozen=True)
class Discarded:
    """One thing in a trash.

    Attributes:
        path: where it lies now.
        when: when it was deleted, UTC.
    """

    path: Path
    when: datetime

    @property
    def name(self) -> str:
        """As it was called before."""
        return self.path.name

    @property
    def home(self) -> Path:
        """Where it lay before."""
        return self.path.parents[2] / self.name

    @property
    def bytes(self) -> int:
        """Size on disk, links not followed."""
        found = [self.path]
        if self.path.is_dir() and not self.path.is_symlink():
            found = [Path(folder) / file for folder, _, files in os.walk(self.path) for file in files]
        sizes = 0
        for file in found:
            with suppress(OSError):
                sizes += file.lstat().st_size
        return sizes


def discard(path: Path) -> Discarded:
    """Move a file or folder to the trash of the folder that it lies in.

    Raises:
        UserError: it cannot be moved; it then lies where it was.
    """
    trash = path.parent / TRASH
    now = datetime.now(UTC)
    entry = trash / f"{now.strftime(_MOMENT)}-{secrets.token_hex(2)}"
    try:
        if trash.is_symlink():
            raise UserError(f"'{trash}' is a link, and a trash must be a real folder: remove the link.")
        entry.mkdir(parents=True)
        try:
            os.rename(path, entry / path.name)
        except OSError:
            entry.rmdir()
            raise
    except OSError as error:
        raise UserError(f"'{path}' cannot be deleted: {error.strerror or error}.") from error
    return Discarded(entry / path.name, now)


def discarded(folder: Path) -> list[Discarded]:
    """What lies in the trash of a folder, deleted last first."""
    found = []
    for entry in _entries(folder):
        match = _ENTRY.fullmatch(entry.name)
        if match is None:
            continue
        with suppress(OSError, ValueError):
            when = datetime.strptime(match[1], _MOMENT).replace(tzinfo=UTC)
            found += [Discarded(path, when) for path in entry.iterdir()]
    return sorted(found, key=lambda one: (one.when, one.name), reverse=True)


def take_back(one: Discarded) -> Path:
    """Move a thing from the trash to where it lay.

    Returns:
        Where it lies now.

    Raises:
        UserError: there is another thing of that name by now, or it is no longer in the trash.
    """
    home = one.home
    if os.path.lexists(home):
        raise UserError(
            f"'{one.name}' cannot be taken back: there is another '{one.name}' in {home.parent} by now. "
            "Rename that one first."
        )
    try:
        os.rename(one.path, home)
    except FileNotFoundError as error:
        raise UserError(f"'{one.name}' is no longer in the trash.") from error
    except OSError as error:
        raise UserError(f"'{one.name}' cannot be taken back: {error.strerror or error}.") from error
    with suppress(OSError):
        one.path.parent.rmdir()
    return home


def empty(folder: Path) -> int:
    """Permanently remove what is in the trash of a folder; foreign files there stay.

    Returns:
        How many things were removed.

    Raises:
        UserError: something cannot be removed; all else is gone.
    """
    count, problems = 0, []
    for entry in _entries(folder):
        if _ENTRY.fullmatch(entry.name):
            # Out of reach first, so that nothing is taken back half.
            doomed = entry.with_name(f"{_EMPTIED}{entry.name}")
            try:
                count += sum(1 for _ in entry.iterdir())
                os.rename(entry, doomed)
            except OSError:
                continue
        elif _ENTRY.fullmatch(entry.name.removeprefix(_EMPTIED)):
            doomed = entry
        else:
            continue
        try:
            shutil.rmtree(doomed)
        except OSError as error:
            if doomed.exists():
                problems.append(f"'{error.filename or doomed}' cannot be removed: {error.strerror or error}.")
    with suppress(OSError):
        (folder / TRASH).rmdir()
    if problems:
        raise UserError(problems[0])
    return count


def _entries(folder: Path) -> list[Path]:
    """List the folders in a trash; none where the trash is missing or is not a real folder."""
    trash = folder / TRASH
    try:
        if trash.is_symlink():
            return []
        return sorted(path for path in trash.iterdir() if path.is_dir() and not path.is_symlink())
    except OSError:
        return []
