"""Stream images from any source into `.npy` files, once.

A source yields pieces of at most a few megabytes; each is hashed and written immediately with plain file
writes, so that little memory is used whatever the size of the dataset. `bcc.datasets.cache.cached_datasets`
decides where the files go and finds them again; npz files, folders and zips are read by separate modules.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

import numpy as np

from bcc.datasets.identity import fingerprint, hash_rows
from bcc.errors import UserError
from bcc.progress import Progress

PIECE_BYTES = 16 * 2**20
"""About how many bytes of images a source yields at a time."""

SPACE_TO_LEAVE = 16 * 2**20
"""Bytes of disk that a conversion leaves free."""

ProgressCallback = Progress


@dataclass(frozen=True)
class Piece:
    """Consecutive rows of a dataset.

    Attributes:
        images: uint8 (n, H, W, 3) RGB.
        labels: int64 (n,).
        split: int8 (n,) or none.
        origin: int64 (n,) or none.
        seen: how many rows of the source this represents, skipped ones included.
        files: the name of each row's file inside the folder or zip, n of them, or none where rows have none.
    """

    images: np.ndarray
    labels: np.ndarray
    split: np.ndarray | None
    origin: np.ndarray | None
    seen: int
    files: tuple[str, ...] | None = None


class ImageSource(Protocol):
    """Interface of a reader for the conversion."""

    rows: int
    """How many rows there are at most; unreadable images are not known beforehand."""
    class_names: tuple[str, ...]
    skipped: list[tuple[str, str]]
    """Filled while the pieces are read: file and reason."""
    notes: list[str]
    """Filled while the pieces are read: what was assumed or done beyond reading, a sentence each."""
    columns: dict[str, list[str]]
    """Filled while the pieces are read: what else is known of each row, by name."""

    def pieces(self) -> Iterator[Piece]:
        """Yield all rows in order."""
        ...

    def write_companions(self, folder: Path) -> None:
        """Write further files next to the arrays (masks and truth of a painted dataset)."""
        ...

    def close(self) -> None:
        """Close the file."""
        ...


@dataclass(frozen=True)
class Arrays:
    """Result of a conversion: fingerprint, shape, and the names of the rows' files."""

    fingerprint: str
    rows: int
    height: int
    width: int
    files: tuple[str, ...] | None = None


class Throttled:
    """Pass progress on at most ten times a second, and never backwards.

    Attributes:
        also: a second callback, for other processes that wait for this work.
    """

    def __init__(self, progress: ProgressCallback | None) -> None:
        self._progress = progress
        self.also: ProgressCallback | None = None
        self._last = float("-inf")
        self._reached = 0.0

    def __call__(self, fraction: float, text: str) -> None:
        now = time.monotonic()
        self._reached = min(max(fraction, self._reached), 1.0)
        if fraction >= 1 or now - self._last >= 0.1:
            self._last = now
            for callback in (self._progress, self.also):
                if callback is not None:
                    callback(self._reached, text)


def convert(source: ImageSource, name: str, folder: Path, progress: Throttled) -> Arrays:
    """Write `images.npy`, `labels.npy`, `row_hashes.npy` and, where known, `split.npy` and `origin.npy`.

    Args:
        source: where the images come from.
        name: of the source, for messages.
        folder: an empty folder to write to.
        progress: called with the share of rows done and a sentence.

    Raises:
        UserError: bad input, no image at all, images of several sizes, or too little disk space.
        OSError: the disk fills up or fails meanwhile.
    """
    hashes, labels, splits, origins = [], [], [], []
    files: list[str] = []
    done = 0
    with _ImagesFile(folder / "images.npy", name) as images:
        for piece in source.pieces():
            done += piece.seen
            if len(piece.labels):
                if images.rows == 0:
                    check_space(folder, piece.images[0].nbytes * source.rows, name)
                images.append(piece.images)
                hashes.append(hash_rows(piece.images))
                labels.append(piece.labels)
                splits.append(piece.split)
                origins.append(piece.origin)
                files += piece.files or ()
            text = f"Converting {name}: {done:,} of {source.rows:,} images"
            progress(min(done / max(source.rows, 1), 0.999), text)
        if images.rows == 0:
            raise UserError(_no_image(source, name))
    row_hashes = np.concatenate(hashes)
    columns = {"labels": np.concatenate(labels), "row_hashes": row_hashes}
    split = np.concatenate([part for part in splits if part is not None]) if splits[0] is not None else None
    origin = (
        np.concatenate([part for part in origins if part is not None]) if origins[0] is not None else None
    )
    for column, values in (*columns.items(), ("split", split), ("origin", origin)):
        if values is not None:
            np.save(folder / f"{column}.npy", values)
    source.write_companions(folder)
    shape = (images.rows, *images.shape)
    mark = fingerprint(shape, row_hashes, columns["labels"], split, origin)
    named = tuple(files) if len(files) == images.rows else None
    return Arrays(mark, images.rows, images.shape[0], images.shape[1], named)


def check_space(folder: Path, needed: int, name: str) -> None:
    """Refuse to start a conversion for which there is no room.

    Raises:
        UserError: fewer than `needed` bytes, and some to spare, are free where `folder` lies.
    """
    free = shutil.disk_usage(folder).free
    if needed + SPACE_TO_LEAVE > free:
        raise UserError(
            f"Converting {name} needs {needed / 1e9:,.1f} GB, but only {free / 1e9:,.1f} GB are free for the "
            "cache; free some space or point BCC_DATA to a larger disk."
        )


class _ImagesFile:
    """A .npy file of images whose number is known only at the end."""

    def __init__(self, path: Path, name: str) -> None:
        self._path, self._name = path, name
        self._file: BinaryIO | None = None
        self.rows = 0
        self.shape: tuple[int, ...] = ()

    def __enter__(self) -> _ImagesFile:
        self._file = self._path.open("wb")
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        assert self._file is not None
        try:
            if kind is None:
                self._file.seek(0)
                self._write_header()
        finally:
            self._file.close()

    def append(self, images: np.ndarray) -> None:
        assert self._file is not None
        if self.rows == 0:
            self.shape = images.shape[1:]
            self._write_header()
        if images.shape[1:] != self.shape:
            (height, width), (other_height, other_width) = self.shape[:2], images.shape[1:3]
            raise UserError(
                f"The images in {self._name} differ in size ({width} x {height} and {other_width} x "
                f"{other_height} px); choose a preprocessing such as resize:96 to bring them to one."
            )
        self._file.write(np.ascontiguousarray(images).data)
        self.rows += len(images)

    def _write_header(self) -> None:
        # numpy pads this header so that a longer number of rows fits in the same place.
        assert self._file is not None
        header = {"descr": "|u1", "fortran_order": False, "shape": (self.rows, *self.shape)}
        np.lib.format.write_array_header_1_0(self._file, header)


def _no_image(source: ImageSource, name: str) -> str:
    if source.skipped:
        file, reason = source.skipped[0]
        return f"No image in {name} can be read; the first, {file}: {reason}."
    return f"{name} holds no images."
