"""A folder with one folder per class: listing it, and knowing when it has changed.

The images are read by `bcc.datasets.folders.image_files`.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from bcc.datasets.folder_names import is_system, shown
from bcc.datasets.folders.image_files import ImageFiles
from bcc.datasets.folders.layout import Layout
from bcc.datasets.folders.mask_files import has_few_colours
from bcc.datasets.folders.table_layout import arrange_with_table
from bcc.datasets.folders.tree import Parts, is_hidden
from bcc.datasets.images.decode import UnreadableImageError
from bcc.datasets.label_table import read_any_table
from bcc.datasets.preprocessing import Preprocessing
from bcc.errors import UserError

if TYPE_CHECKING:
    import pandas as pd


class FolderListing:
    """All files under a folder, listed once: their paths and a stamp that changes with them."""

    def __init__(self, folder: Path) -> None:
        """Walk the folder; hidden files are passed over, links to folders followed once.

        Raises:
            UserError: the folder may not be read.
        """
        self._folder = folder
        self.files: list[Parts] = []
        self.folders: list[Parts] = []
        self.linked: list[tuple[Parts, Parts]] = []
        """Links to folders that are in the listing already: where, and under which path they are."""
        self._lines: list[str] = []
        self._visited: dict[tuple[int, int], Parts] = {}
        self._links: list[Parts] = []
        try:
            self._walk(folder, ())
            # After all that is no link, so that of two names for one folder its own is taken.
            while self._links:
                path = self._links.pop(0)
                self._walk(folder.joinpath(*path), path)
        except OSError as error:
            where = Path(error.filename).name if error.filename else folder.name
            raise UserError(f"{folder.name} cannot be read: '{where}': {error.strerror or error}.") from error
        self._lines.sort()
        text = "\n".join(self._lines).encode("utf-8", "surrogateescape")
        self.stamp = hashlib.blake2b(text, digest_size=16).hexdigest()

    def source(self, preprocessing: Preprocessing, layout: Layout) -> ImageFiles:
        """The images, ready to convert.

        Raises:
            UserError: there are no class folders, one is empty, or it is not clear which they are.
        """
        name = shown(self._folder.name)
        arrangement = arrange_with_table(
            self.files, self.folders, name, layout, self._looks_drawn, self._table
        )
        source = ImageFiles(arrangement, self._place, preprocessing, name)
        for link, first in self.linked:
            at, other = ("/".join(map(shown, path)) or name for path in (link, first))
            source.skipped.append((f"{at}/", f"a link to a folder that is read already, as '{other}'"))
            source.notes.append(f"'{at}' is a link to '{other}', which is read once.")
        return source

    def _table(self, path: Parts) -> pd.DataFrame:
        return read_any_table(self._place(path))

    def _looks_drawn(self, path: Parts) -> bool | None:
        try:
            return has_few_colours(self._place(path))
        except UnreadableImageError:
            return None

    def _place(self, path: Parts) -> Path:
        place = self._folder.joinpath(*path)
        # Opening a pipe would wait for ever.
        if not place.is_file():
            raise UnreadableImageError("no file (a broken link, perhaps)")
        return place

    def _walk(self, folder: Path, parts: Parts) -> None:
        status = folder.stat()
        known = (status.st_dev, status.st_ino)
        if known in self._visited:
            self.linked.append((parts, self._visited[known]))
            return
        self._visited[known] = parts
        if parts:
            self.folders.append(parts)
        place = "/".join(parts)
        with os.scandir(folder) as listed:
            entries = sorted(listed, key=lambda entry: entry.name)
        for entry in entries:
            if is_hidden(entry.name):
                continue
            path = (*parts, entry.name)
            if entry.is_dir():
                self._lines.append(f"{place}/{entry.name}/")
                if is_system(entry.name):
                    # Often closed to everybody; what lies in it belongs to no set.
                    self.folders.append(path)
                elif entry.is_symlink():
                    self._links.append(path)
                else:
                    self._walk(Path(entry.path), path)
                continue
            self.files.append(path)
            try:
                about = entry.stat()
            except OSError:
                self._lines.append(f"{place}/{entry.name}\tlost")
            else:
                self._lines.append(f"{place}/{entry.name}\t{about.st_size}\t{about.st_mtime_ns}")
