"""Save a file uploaded in a browser, so that `load` can read it like any other.

The file is stored as `data/uploads/<hash>/<name>`: the same content is stored once, and two files of the same
name never overwrite each other. Its content is not examined here.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path
from typing import BinaryIO

from bcc.atomic_files import why_not_written
from bcc.errors import UserError
from bcc.paths import data_folder

SUFFIXES = (".npz", ".zip")
"""What may be handed over."""

_PIECE = 2**20


def keep_upload(file: BinaryIO, name: str) -> Path:
    """Write a file piece by piece to the data folder.

    Args:
        file: open for reading, at its beginning.
        name: as the browser gave it; only its last part is used, and odd characters are replaced.

    Returns:
        Where it lies now.

    Raises:
        UserError: it is neither .npz nor .zip, or the disk does not take it.
    """
    safe = safe_name(name)
    folder = data_folder() / "uploads"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=".receiving-")
        try:
            digest = hashlib.blake2b(digest_size=6)
            with os.fdopen(handle, "wb") as out:
                while piece := file.read(_PIECE):
                    digest.update(piece)
                    out.write(piece)
            place = folder / digest.hexdigest() / safe
            # An equal file keeps its time of change, so that its set need not be converted again.
            if not place.exists():
                place.parent.mkdir(exist_ok=True)
                os.replace(temporary, place)
        finally:
            Path(temporary).unlink(missing_ok=True)
    except OSError as error:
        raise UserError(why_not_written(error, f"'{safe}'", folder)) from error
    return place


def safe_name(name: str) -> str:
    """The last part of a file name, in plain characters.

    Raises:
        UserError: it ends neither in .npz nor in .zip.
    """
    last = re.split(r"[/\\]", name)[-1]
    plain = re.sub(r"[^\w.() -]+", "_", last, flags=re.ASCII).lstrip(". ")[-120:]
    if Path(plain).suffix.lower() not in SUFFIXES or not Path(plain).stem.strip("._ "):
        raise UserError(f"'{last}' is no dataset that can be uploaded; choose a .npz or a .zip file.")
    return plain
