"""Images uploaded for prediction: single files, or a zip with any folders.

They are decoded in memory and not written to disk. The same rules as for a dataset hold: only images in the
usual formats, nothing huge, no zip that points outside or unpacks to something absurd.
"""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from bcc.advice import command
from bcc.datasets.folders.tree import Parts
from bcc.datasets.folders.zip_source import MAX_IMAGE, checked_entries
from bcc.datasets.images.bit_depth import Kind, UnknownRangeError
from bcc.datasets.images.decode import (
    MIN_SIDE,
    Raw,
    UnreadableImageError,
    check_not_tiny,
    depth_of,
    is_image,
    read_raw,
    to_8_bit,
    whites_of,
)
from bcc.datasets.preprocessing import Preprocessing
from bcc.datasets.zips import DAMAGE, open_zip
from bcc.errors import UserError
from bcc.progress import Progress

MOST = 500
"""Images that are taken at once; more belong into a dataset."""


@dataclass(frozen=True)
class UploadedImage:
    """One image, or why it cannot be read.

    Attributes:
        name: of the file, with its folders inside a zip.
        image: uint8 (H, W, 3) RGB, as it came; `None` where it cannot be read.
        problem: the reason, "" where it can.
        notes: what was assumed or done while it was read, a few words each.
    """

    name: str
    image: np.ndarray | None
    problem: str = ""
    notes: tuple[str, ...] = ()


def read_uploaded(
    files: Sequence[tuple[str, BinaryIO]], progress: Progress | None = None, most: int = MOST
) -> list[UploadedImage]:
    """Decode uploaded files.

    Args:
        files: names and open files; a name ending in .zip is a zip of images.
        progress: called with (share done, sentence).
        most: images at once.

    Returns:
        One entry per image, in order, with the problem where it is unreadable. Other files in a zip are
        skipped.

    Raises:
        UserError: a zip is damaged or dangerous, or there are more than `most` images.
    """
    found: list[_Read] = []
    for position, (name, file) in enumerate(files):
        if progress:
            progress(position / len(files), f"Reading {Path(name).name}")
        if name.lower().endswith(".zip"):
            found += _of_zip(name, file, most - len(found))
        else:
            found.append(_read(Path(name).name, file.read()))
        if len(found) > most:
            raise _too_many(most)
    # Images of more than 8 bits that come together are scaled alike.
    whites = whites_of(one.depth for one in found)
    return [one.handed(whites) for one in found]


@dataclass(frozen=True)
class RunPreprocessing:
    """How an image of any size becomes one of a run's.

    Attributes:
        preprocessing: how the run's own images were made; with "none" an image that has not the size
            of the run's is cropped to its centre square and scaled.
        size: height and width of the run's images.
    """

    preprocessing: Preprocessing
    size: tuple[int, int]

    @property
    def kind(self) -> str:
        """Never "none": whatever comes may have to be scaled."""
        return "resize" if self.preprocessing.kind == "none" else self.preprocessing.kind

    def apply(self, image: np.ndarray) -> np.ndarray:
        """uint8 (H, W, 3) -> (h, w, 3), of one size for images of all sizes."""
        if self.preprocessing.kind != "none" or image.shape[:2] == self.size:
            return self.preprocessing.apply(image)
        made = Preprocessing(kind="resize", size=max(min(self.size), MIN_SIDE)).apply(image)
        if made.shape[:2] == self.size:
            return made
        import cv2

        # A run on images that are no squares, which its model sees squeezed into one.
        stretched: np.ndarray = cv2.resize(made, self.size[::-1], interpolation=cv2.INTER_CUBIC)
        return stretched


@dataclass(frozen=True)
class _Read:
    """An image as its file holds it, or why it is none."""

    name: str
    raw: Raw | None
    problem: str = ""

    @property
    def depth(self) -> tuple[Kind, float] | None:
        try:
            return None if self.raw is None else depth_of(self.raw)
        except UnknownRangeError:
            return None

    def handed(self, whites: dict[Kind, float]) -> UploadedImage:
        if self.raw is None:
            return UploadedImage(self.name, None, self.problem)
        try:
            image = to_8_bit(self.raw, whites)
            check_not_tiny(image.pixels)
        except UnreadableImageError as reason:
            return UploadedImage(self.name, None, str(reason))
        return UploadedImage(self.name, image.pixels, "", image.notes)


def preprocessed_for_run(
    handed: Sequence[UploadedImage], preprocessing: Preprocessing, size: tuple[int, int]
) -> np.ndarray:
    """Preprocess the readable images for a run.

    Args:
        handed: some of them readable.
        preprocessing: how the run's own images were made; with "none" an image that has not the size
            of the run's is cropped to its centre square and scaled.
        size: height and width of the run's images.

    Returns:
        uint8 (N, h, w, 3), one for each readable image.
    """
    read = [one.image for one in handed if one.image is not None]
    preparation = RunPreprocessing(preprocessing, size)
    if preprocessing.kind == "none" and size[0] != size[1] and any(p.shape[:2] != size for p in read):
        # A run on images that are no squares, asked about others: bring all to one square.
        preparation = RunPreprocessing(Preprocessing(kind="resize", size=min(size)), size)
    made = [preparation.apply(image) for image in read]
    return np.stack(made) if made else np.zeros((0, *size, 3), np.uint8)


def _of_zip(name: str, file: BinaryIO, room: int) -> list[_Read]:
    with tempfile.TemporaryDirectory(prefix="bcc-handed-") as folder:
        path = Path(folder) / "images.zip"
        with path.open("wb") as copy:
            while piece := file.read(2**20):
                copy.write(piece)
        shown = path.with_name(Path(name).name or "images.zip")
        path = path.rename(shown)
        with open_zip(path) as archive:
            entries = {
                parts: entry
                for parts, entry in checked_entries(archive, path).items()
                if not entry.is_dir() and is_image(parts[-1])
            }
            if not entries:
                raise UserError(f"{path.name} holds no image (jpg, png, bmp, tif or webp).")
            if len(entries) > room:
                raise _too_many(room)
            return [_entry(archive, parts, entry) for parts, entry in sorted(entries.items())]


def _entry(archive: zipfile.ZipFile, parts: Parts, entry: zipfile.ZipInfo) -> _Read:
    name = "/".join(parts)
    if entry.file_size > MAX_IMAGE:
        return _Read(name, None, f"{entry.file_size / 1e6:,.0f} MB is too large for an image of a cell")
    try:
        return _read(name, archive.read(entry))
    except DAMAGE:
        return _Read(name, None, "damaged inside the zip")


def _read(name: str, data: bytes) -> _Read:
    try:
        return _Read(name, read_raw(data))
    except UnreadableImageError as reason:
        return _Read(name, None, str(reason))


def _too_many(most: int) -> UserError:
    return UserError(
        f"More than {most:,} images at once are too many here: open them as a dataset on the Data page, "
        f"or use {command('predict')}."
    )
