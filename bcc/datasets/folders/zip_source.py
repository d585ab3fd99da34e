"""A zip of class folders: what may be inside, and reading it.

Zips come from anywhere, so they are judged before anything is read: names that leave the archive, links,
passwords and absurd compression are refused. Entries are decoded from memory one at a time; nothing is
unpacked to disk.
"""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from bcc.datasets.folder_names import shown
from bcc.datasets.folders.image_files import ImageFiles
from bcc.datasets.folders.layout import Layout
from bcc.datasets.folders.mask_files import has_few_colours
from bcc.datasets.folders.table_layout import arrange_with_table
from bcc.datasets.folders.tree import Parts, is_hidden
from bcc.datasets.images.decode import UnreadableImageError
from bcc.datasets.label_table import read_any_table
from bcc.datasets.preprocessing import Preprocessing
from bcc.datasets.zips import DAMAGE, open_zip, refuse_absurd
from bcc.errors import UserError, shortened

if TYPE_CHECKING:
    import pandas as pd

MAX_FILES = 2_000_000
MAX_IMAGE = 128 * 2**20


class ZipSource(ImageFiles):
    """Images in a zip, one folder per class."""

    def __init__(self, path: Path, preprocessing: Preprocessing, layout: Layout) -> None:
        """Judge the archive and find the classes.

        Raises:
            UserError: damaged, dangerous, encrypted or absurdly compressed; or no class folders in it, or
                it is not clear which they are.
        """
        archive = open_zip(path)
        self._archive = archive
        try:
            self._entries = checked_entries(archive, path)
            files = [parts for parts, entry in self._entries.items() if not entry.is_dir()]
            folders = [parts for parts, entry in self._entries.items() if entry.is_dir()]
            name = shown(path.name)
            arrangement = arrange_with_table(files, folders, name, layout, self._looks_drawn, self._table)
            super().__init__(arrangement, self._bytes, preprocessing, name)
        except BaseException:
            archive.close()
            raise

    def close(self) -> None:
        """Close the archive."""
        self._archive.close()

    def _table(self, path: Parts) -> pd.DataFrame:
        return read_any_table(Path(path[-1]), self._bytes(path))

    def _looks_drawn(self, path: Parts) -> bool | None:
        try:
            return has_few_colours(self._bytes(path))
        except UnreadableImageError:
            return None

    def _bytes(self, path: Parts) -> bytes:
        entry = self._entries[path]
        if entry.file_size > MAX_IMAGE:
            raise UnreadableImageError(f"{entry.file_size / 1e6:,.0f} MB is too large for an image of a cell")
        try:
            return self._archive.read(entry)
        except DAMAGE as error:
            raise UnreadableImageError("damaged inside the zip") from error


def checked_entries(archive: zipfile.ZipFile, path: Path) -> dict[Parts, zipfile.ZipInfo]:
    """What is in a zip, hidden files left out, by its path inside.

    Raises:
        UserError: an entry points outside or is a link, there is a password, or it would unpack to
            something absurd.
    """
    entries: dict[Parts, zipfile.ZipInfo] = {}
    listed = archive.infolist()
    if len(listed) > MAX_FILES:
        raise UserError(f"{path.name} holds {len(listed):,} files; at most {MAX_FILES:,} are possible.")
    for entry in listed:
        # zipfile cuts names at a null byte and keeps backslashes that Windows tools write.
        name = entry.filename.replace("\\", "/")
        parts = tuple(part for part in name.split("/") if part not in ("", "."))
        if name.startswith("/") or ".." in parts or (parts and parts[0].endswith(":")):
            raise UserError(
                f"{path.name} is refused: its entry '{shortened(name)}' points outside the archive; zip the "
                "class folders again."
            )
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise UserError(
                f"{path.name} is refused: its entry '{shortened(name)}' is a link; zip the images themselves."
            )
        if entry.flag_bits & 0x1:
            raise UserError(f"{path.name} is protected by a password; zip the class folders without one.")
        if parts and not any(is_hidden(part) for part in parts):
            entries[parts] = entry
    refuse_absurd(listed, path, "zip the images again or give the folder itself")
    return entries
