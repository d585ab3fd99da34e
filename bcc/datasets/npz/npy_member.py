"""One array inside an .npz file: its header, and its rows a chunk at a time.

numpy's own reader brings a whole array into memory; this one streams the zip member. Object arrays are
recognised by the header and never read, so nothing is ever unpickled. What the arrays should be is decided
in `bcc.datasets.npz.npz_source`.
"""

from __future__ import annotations

import math
import tempfile
import tokenize
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np

from bcc.datasets.zips import DAMAGE, damaged
from bcc.errors import UserError

_COPY_BYTES = 4 * 2**20
_LARGEST_COLUMN = 512 * 2**20

# numpy's header reader adds what Python's parser raises.
_DAMAGE = (*DAMAGE, SyntaxError, tokenize.TokenError)


class NpyMember:
    """An array in an open npz.

    Attributes:
        shape: of the array.
        dtype: of its values; check `hasobject` before reading.
    """

    def __init__(self, file: zipfile.ZipFile, key: str, name: str) -> None:
        """Read the header only.

        Args:
            file: the open npz.
            key: name of the array.
            name: of the file, for messages.

        Raises:
            UserError: the header is damaged, or the file holds fewer bytes than it promises.
        """
        self._file, self._key, self._name = file, key, name
        with self._open() as stream:
            try:
                version = np.lib.format.read_magic(stream)
                read_header = (
                    np.lib.format.read_array_header_1_0
                    if version == (1, 0)
                    else np.lib.format.read_array_header_2_0
                )
                self.shape, self._fortran, self.dtype = read_header(stream)
                self._offset = stream.tell()
            except _DAMAGE as error:
                raise UserError(damaged(name, key)) from error
        if self.dtype.itemsize == 0:
            raise UserError(
                f"'{key}' in {name} holds values without any bytes ({self.dtype}), expected numbers or text."
            )
        self._items = math.prod(self.shape)
        promised = self._items * self.dtype.itemsize
        held = file.getinfo(f"{key}.npy").file_size - self._offset
        if not self.dtype.hasobject and held != promised:
            raise UserError(damaged(name, key))

    def read(self) -> np.ndarray:
        """The whole array, for the small ones.

        Raises:
            UserError: the bytes are damaged, or too many.
        """
        if self._items * self.dtype.itemsize > _LARGEST_COLUMN:
            raise UserError(f"'{self._key}' in {self._name} is far too large for one value per image.")
        with self._open() as stream:
            self._take(stream, self._offset)
            data = self._take(stream, self._items * self.dtype.itemsize)
        return np.frombuffer(data, self.dtype).reshape(self.shape, order="F" if self._fortran else "C")

    def chunks(self, rows: int, scratch: Path) -> Iterator[np.ndarray]:
        """Yield the array in order, `rows` rows at a time.

        Args:
            rows: of one chunk.
            scratch: folder for a temporary copy, needed only where the array is in Fortran order.

        Raises:
            UserError: the bytes are damaged.
        """
        with self._open() as stream:
            self._take(stream, self._offset)
            if self._fortran and len(self.shape) > 1:
                yield from self._fortran_chunks(stream, rows, scratch)
                return
            row_bytes = math.prod(self.shape[1:]) * self.dtype.itemsize
            for start in range(0, self.shape[0], rows):
                count = min(rows, self.shape[0] - start)
                data = self._take(stream, count * row_bytes)
                yield np.frombuffer(data, self.dtype).reshape(count, *self.shape[1:])

    def _fortran_chunks(self, stream: IO[bytes], rows: int, scratch: Path) -> Iterator[np.ndarray]:
        # The first axis runs fastest here, so one image is spread over the whole file: copy the bytes
        # out of the zip, then gather a run of rows from every place where they lie.
        places = math.prod(self.shape[1:])
        size = self.dtype.itemsize
        with tempfile.TemporaryFile(dir=scratch, buffering=0) as copy:
            for start in range(0, self._items * size, _COPY_BYTES):
                copy.write(self._take(stream, min(_COPY_BYTES, self._items * size - start)))
            for start in range(0, self.shape[0], rows):
                count = min(rows, self.shape[0] - start)
                gathered = np.empty((places, count), self.dtype)
                for place in range(places):
                    copy.seek((place * self.shape[0] + start) * size)
                    copy.readinto(gathered[place])
                yield np.ascontiguousarray(gathered.reshape(*self.shape[:0:-1], count).transpose())

    def _open(self) -> IO[bytes]:
        try:
            return self._file.open(f"{self._key}.npy")
        except _DAMAGE as error:
            raise UserError(damaged(self._name, self._key)) from error

    def _take(self, stream: IO[bytes], count: int) -> bytes:
        # zipfile verifies the checksum of a member with its last byte.
        try:
            data = stream.read(count)
        except _DAMAGE as error:
            raise UserError(damaged(self._name, self._key)) from error
        if len(data) != count:
            raise UserError(damaged(self._name, self._key))
        return data
