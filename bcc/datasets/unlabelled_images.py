"""Images without classes: single files, folders, zips and patterns, as new images come.

They are streamed, decoded and preprocessed as a run needs them, and not stored. Images in class folders are
read by `bcc.datasets.folders.tree`, uploads in a browser by `bcc.datasets.uploaded_images`.
"""

from __future__ import annotations

import contextlib
import glob
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bcc.datasets.conversion import Piece
from bcc.datasets.folders.folder_listing import FolderListing
from bcc.datasets.folders.image_files import ImageFiles
from bcc.datasets.folders.tree import NO_IMAGE, Arrangement, Parts
from bcc.datasets.folders.zip_source import MAX_IMAGE, checked_entries
from bcc.datasets.images.decode import UnreadableImageError, is_image
from bcc.datasets.uploaded_images import RunPreprocessing
from bcc.datasets.zips import DAMAGE, open_zip
from bcc.errors import UserError
from bcc.paths import data_folder
from bcc.safe_text import shown

Fetch = Callable[[], Path | bytes]


class UnlabelledImages(contextlib.AbstractContextManager):
    """All images of some sources, in the order of the sources, each once.

    Attributes:
        skipped: files that are no images or cannot be read, each with the reason; grows while pieces are
            read.
        notes: what was assumed while they were read, a sentence each; complete when all are.
    """

    def __init__(self, sources: Sequence[str], preparation: RunPreprocessing) -> None:
        """Find the images.

        Args:
            sources: paths of images, of folders and zips with images at any depth, or patterns with
                `*`, `?`, `[...]` and `**`. Relative ones are tried from the working directory, then from
                the data folder.
            preparation: how an image of any size becomes one of the run's.

        Raises:
            UserError: there is nothing at a source, it is something else, or it holds no image.
        """
        self._files: dict[str, Fetch] = {}
        self._known: set[Path] = set()
        self._open = contextlib.ExitStack()
        self._others: list[tuple[str, str]] = []
        try:
            for source in sources:
                self._add(source, alone=len(sources) == 1)
        except BaseException:
            self._open.close()
            raise
        arrangement = Arrangement(("",), [((name,), 0, None) for name in self._files], self._others)
        self._images = ImageFiles(arrangement, self._fetch, preparation, "the images")
        self.skipped = self._images.skipped
        self.notes = self._images.notes

    def __len__(self) -> int:
        """How many there are at most; unreadable ones are not known beforehand."""
        return len(self._files)

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def pieces(self) -> Iterator[Piece]:
        """Yield all readable images in order, with the names of their files; the labels mean nothing."""
        return self._images.pieces()

    def _fetch(self, path: Parts) -> Path | bytes:
        return self._files[path[0]]()

    def _add(self, source: str, alone: bool) -> None:
        places = places_of(source)
        for place in places:
            # A file is called as it was given, what is inside a folder or zip by its path in there.
            name = str(place) if "*" in source or "?" in source or "[" in source else source
            before = "" if alone and len(places) == 1 else f"{name}/"
            if place.is_dir():
                self._add_folder(place, before)
            elif place.suffix.lower() == ".zip":
                self._add_zip(place, before)
            elif is_image(place.name):
                self._add_file(name, place)
            elif len(places) == 1:
                raise UserError(
                    f"'{shown(name)}' is no image: give jpg, png, bmp, tif or webp files, a folder or a "
                    ".zip of them, or a dataset."
                )
            else:
                self._others.append((name, NO_IMAGE))
        if not self._files:
            raise UserError(f"'{shown(source)}' holds no image (jpg, png, bmp, tif or webp).")

    def _add_file(self, name: str, place: Path) -> None:
        def fetch() -> Path:
            # Opening a pipe would wait for ever.
            if not place.is_file():
                raise UnreadableImageError("no file (a broken link, perhaps)")
            return place

        if place.resolve() not in self._known:
            self._known.add(place.resolve())
            self._files[name] = fetch

    def _add_folder(self, folder: Path, before: str) -> None:
        for path in sorted(FolderListing(folder).files):
            name = before + "/".join(path)
            if is_image(path[-1]):
                self._add_file(name, folder.joinpath(*path))
            else:
                self._others.append((name, NO_IMAGE))

    def _add_zip(self, place: Path, before: str) -> None:
        archive = self._open.enter_context(open_zip(place))
        for path, entry in sorted(checked_entries(archive, place).items()):
            name = before + "/".join(path)
            if entry.is_dir():
                continue
            if is_image(path[-1]):
                self._files[name] = _member(archive, entry)
            else:
                self._others.append((name, NO_IMAGE))


def places_of(source: str) -> list[Path]:
    """What a path or a pattern stands for, in alphabetical order; a file of that very name comes first.

    Raises:
        UserError: nothing.
    """
    if not source.strip() or "\0" in source:
        raise UserError("An empty path names no image.")
    try:
        path = Path(source).expanduser()
    except RuntimeError:
        # A home of somebody who is unknown here: taken as a name like any other.
        path = Path(source)
    for root in (Path(), data_folder()):
        try:
            if (root / path).exists():
                return [root / path]
            found = sorted(glob.glob(str(root / path), recursive=True))
        except (OSError, ValueError):
            continue
        if found:
            return [Path(one) for one in found]
    what = "matches no file" if glob.has_magic(source) else "is not there"
    raise UserError(
        f"'{shown(source)}' {what}: give images, a folder or .zip of images, a pattern such as "
        "'cells/*.jpg', or a dataset."
    )


def _member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Fetch:
    def fetch() -> bytes:
        if entry.file_size > MAX_IMAGE:
            raise UnreadableImageError(f"{entry.file_size / 1e6:,.0f} MB is too large for an image of a cell")
        try:
            return archive.read(entry)
        except DAMAGE as error:
            raise UnreadableImageError("damaged inside the zip") from error

    return fetch
