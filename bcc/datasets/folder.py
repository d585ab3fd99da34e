"""A folder with one folder per class: listing it, and knowing when it has changed.

Reading the pictures is the matter of `bcc.datasets.picture_files`.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from bcc.datasets.picture_files import PictureFiles
from bcc.datasets.pictures import UnreadablePictureError
from bcc.datasets.preprocessing import Preprocessing
from bcc.datasets.tree import Parts, arrange, is_hidden
from bcc.errors import UserError


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
        self._lines: list[str] = []
        try:
            self._walk(folder, (), set())
        except OSError as error:
            raise UserError(f"{folder.name} cannot be read: {error.strerror or error}.") from error
        self._lines.sort()
        text = "\n".join(self._lines).encode("utf-8", "surrogateescape")
        self.stamp = hashlib.blake2b(text, digest_size=16).hexdigest()

    def source(self, preprocessing: Preprocessing) -> PictureFiles:
        """The pictures, ready to convert.

        Raises:
            UserError: there are no class folders or one is empty.
        """
        arrangement = arrange(self.files, self.folders, self._folder.name)
        return PictureFiles(arrangement, self._place, preprocessing, self._folder.name)

    def _place(self, path: Parts) -> Path:
        place = self._folder.joinpath(*path)
        # Opening a pipe would wait for ever.
        if not place.is_file():
            raise UnreadablePictureError("no file (a broken link, perhaps)")
        return place

    def _walk(self, folder: Path, parts: Parts, visited: set[tuple[int, int]]) -> None:
        status = folder.stat()
        if (status.st_dev, status.st_ino) in visited:
            return
        visited.add((status.st_dev, status.st_ino))
        shown = "/".join(parts)
        with os.scandir(folder) as entries:
            for entry in entries:
                if is_hidden(entry.name):
                    continue
                if entry.is_dir():
                    self.folders.append((*parts, entry.name))
                    self._lines.append(f"{shown}/{entry.name}/")
                    self._walk(Path(entry.path), (*parts, entry.name), visited)
                    continue
                self.files.append((*parts, entry.name))
                try:
                    about = entry.stat()
                except FileNotFoundError:
                    self._lines.append(f"{shown}/{entry.name}\tlost")
                else:
                    self._lines.append(f"{shown}/{entry.name}\t{about.st_size}\t{about.st_mtime_ns}")
