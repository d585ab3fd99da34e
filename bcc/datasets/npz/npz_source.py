"""Read `.npz` files without ever holding one in memory or unpickling anything.

`images` and `labels` (with `class_names`, `split` and `origin` where given), MedMNIST's `train_images`,
`train_labels`, `val_...`, `test_...`, and the like. Headers are checked before any pixel is read. See
`bcc.datasets.npz.keys` for the names of arrays, `bcc.datasets.npz.labels` for the forms of labels, and
`bcc.datasets.npz.npy_member` for single arrays.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from bcc.datasets.classes import CLASS_PRESETS, MAX_CLASSES, checked_names
from bcc.datasets.conversion import PIECE_BYTES, Piece
from bcc.datasets.dataset import SPLIT_WORDS
from bcc.datasets.npz.keys import Pair, find_pairs
from bcc.datasets.npz.labels import Labels, names_for, number_labels, one_hot, text_labels
from bcc.datasets.npz.npy_member import NpyMember
from bcc.datasets.preprocessing import Preprocessing
from bcc.datasets.zips import open_zip, refuse_absurd
from bcc.errors import UserError

COLUMN_KEYS = {
    *(
        "group",
        "groups",
        "patient",
        "patient_id",
        "patients",
        "slide",
        "slide_id",
        "laboratory",
        "lab",
        "site",
    ),
    *("source", "date", "microscope", "scanner", "stain"),
}
"""Arrays with a value per row that travel with the rows under their key."""
MOST_COLUMNS = 64
OTHER_NAME_KEYS = ("classes", "label_names", "target_names", "labels_names", "categories", "names")
"""What names of classes are called where they are not called `class_names`."""

LARGEST_ORIGIN = 2_000_000
"""No set has more rows, so that an origin above cannot be one; larger where the file itself has more."""


class NpzSource:
    """Labelled images in an .npz file."""

    def __init__(self, path: Path, preprocessing: Preprocessing, scratch: Path) -> None:
        """Read and check everything but the pixels.

        Args:
            path: the file.
            preprocessing: applied to every image.
            scratch: folder for a temporary file, needed only by arrays in Fortran order.

        Raises:
            UserError: a key is missing, or an array has the wrong type, shape, length or values.
        """
        self._name, self._preprocessing, self._scratch = path.name, preprocessing, scratch
        self.skipped: list[tuple[str, str]] = []
        self.notes: list[str] = []
        self.columns: dict[str, list[str]] = {}
        self._file = open_zip(path)
        try:
            self._read(path)
        except BaseException:
            self._file.close()
            raise

    def _read(self, path: Path) -> None:
        members = {name.removesuffix(".npy") for name in self._file.namelist() if name.endswith(".npy")}
        pairs, notes = find_pairs(members, self._dimensions, self._name)
        self.notes += notes
        is_divided = pairs[0].side is not None
        read = [self._file.getinfo(f"{key}.npy") for pair in pairs for key in (pair.images, pair.labels)]
        refuse_absurd(read, path, "save it with numpy.savez, which does not compress, if it is what you want")
        self._images = [self._image_member(pair.images) for pair in pairs]
        self._check_one_size([pair.images for pair in pairs])
        counts = [member.shape[0] for member in self._images]
        self.rows = sum(counts)
        if self.rows == 0:
            raise UserError(f"{self._name} holds no images; its images have shape {self._images[0].shape}.")
        given = self._given_names(members)
        self._is_one_hot = False
        labels = self._read_labels(pairs, counts, given)
        self._labels = labels.values
        self.notes += labels.notes
        self._split: np.ndarray | None = None
        self._origin: np.ndarray | None = None
        if is_divided:
            self._split = np.repeat(np.array([pair.side for pair in pairs], np.int8), counts)
        elif "split" in members:
            self._split = self._read_split()
        if not is_divided and "origin" in members:
            self._origin = self._read_origin()
        self._files = self._read_files() if not is_divided and "files" in members else None
        if not is_divided:
            self.columns = self._read_columns(members)
        preset = CLASS_PRESETS["pbc"] if is_divided and is_bloodmnist(path) else None
        self.class_names = names_for(labels, preset)

    def pieces(self) -> Iterator[Piece]:
        """Yield all rows in order, as RGB and preprocessed."""
        start = 0
        with ThreadPoolExecutor(2) as pool:
            for member in self._images:
                row_bytes = int(np.prod(member.shape[1:]))
                for chunk in member.chunks(max(1, PIECE_BYTES // row_bytes), self._scratch):
                    images = _as_rgb(chunk)
                    if self._preprocessing.kind != "none":
                        images = np.stack(list(pool.map(self._preprocessing.apply, images)))
                    rows = slice(start, start + len(images))
                    start += len(images)
                    split = None if self._split is None else self._split[rows]
                    origin = None if self._origin is None else self._origin[rows]
                    files = None if self._files is None else self._files[rows]
                    yield Piece(images, self._labels[rows], split, origin, len(images), files)

    def write_companions(self, folder: Path) -> None:
        """Do nothing: an npz has only its arrays."""

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _image_member(self, key: str) -> NpyMember:
        member = NpyMember(self._file, key, self._name)
        what = f"'{key}' in {self._name}"
        shape = member.shape
        if member.dtype.hasobject:
            raise UserError(
                f"{what} is a pickled object array (images of several sizes, perhaps); save one uint8 "
                "array of shape (N, H, W, 3), or the images as files in one folder per class."
            )
        if len(shape) not in (3, 4) or (len(shape) == 4 and shape[3] not in (1, 3)):
            hint = "expected (N, H, W, 3) for RGB, or (N, H, W) or (N, H, W, 1) for grey images"
            if len(shape) == 4 and shape[3] in (2, 4):
                hint += "; drop the alpha channel first"
            elif len(shape) == 4 and shape[1] in (1, 3):
                hint += "; move the channels last with images.transpose(0, 2, 3, 1)"
            raise UserError(f"{what} has shape {shape}: {hint}.")
        if member.dtype != np.uint8:
            raise UserError(
                f"{what} holds {member.dtype} values, expected uint8 from 0 to 255; convert with "
                f"{self._as_bytes(member)}."
            )
        if 0 in shape[1:]:
            raise UserError(f"{what} has shape {shape}: its images have no pixels.")
        return member

    def _as_bytes(self, member: NpyMember) -> str:
        """The command that makes uint8 of images of another type, by the range of the first rows."""
        if member.dtype.kind not in "biuf" or 0 in member.shape:
            return "images.astype('uint8') once they go from 0 to 255"
        row_bytes = int(np.prod(member.shape[1:])) * member.dtype.itemsize
        chunk = next(iter(member.chunks(max(1, PIECE_BYTES // row_bytes), self._scratch)))
        low, high = float(chunk.min()), float(chunk.max())
        if member.dtype.kind == "b" or (low >= 0 and high <= 1):
            return "(images * 255.0).round().astype('uint8')"
        if -1 <= low < 0 and high <= 1:
            return "((images + 1.0) * 127.5).round().astype('uint8')"
        if low >= 0 and high <= 255:
            return "images.round().astype('uint8')"
        if low >= 0 and high <= 65535:
            most = next(2**bits - 1 for bits in (10, 12, 14, 16) if high <= 2**bits - 1)
            return f"(images / {most} * 255).round().astype('uint8')"
        return "images.astype('uint8') once they go from 0 to 255"

    def _check_one_size(self, keys: list[str]) -> None:
        first = self._images[0].shape[1:3]
        for key, member in zip(keys, self._images, strict=True):
            if member.shape[1:3] != first and self._preprocessing.kind == "none":
                raise UserError(
                    f"'{keys[0]}' and '{key}' in {self._name} hold images of different size ({first} and "
                    f"{member.shape[1:3]}); choose a preprocessing such as resize:96."
                )

    def _dimensions(self, key: str) -> int:
        return len(NpyMember(self._file, key, self._name).shape)

    def _read_labels(self, pairs: list[Pair], counts: list[int], given: tuple[str, ...] | None) -> Labels:
        """The labels of all parts, in one numbering."""
        parts = [self._label_column(pair.labels, count) for pair, count in zip(pairs, counts, strict=True)]
        what = f"'{pairs[0].labels}' in {self._name}"
        if all(part.dtype.kind in "US" for part in parts):
            return text_labels([text for part in parts for text in self._texts(part, what)], given, what)
        if any(part.dtype.kind in "US" for part in parts):
            raise UserError(
                f"The labels in {self._name} are text in one part and numbers in another; save them all "
                "alike."
            )
        return number_labels(np.concatenate(parts), given, what, self._is_one_hot)

    def _label_column(self, key: str, rows: int) -> np.ndarray:
        """The labels of one part as text or whole numbers, (rows,)."""
        what = f"'{key}' in {self._name}"
        member = NpyMember(self._file, key, self._name)
        if member.dtype.hasobject:
            raise UserError(
                f"{what} is a pickled object array; save plain numbers or text, such as labels.astype(str) "
                "(one class number or name per image)."
            )
        if len(member.shape) == 2 and member.shape[0] == rows and member.shape[1] > 1:
            found = one_hot(member.read())
            if found is not None:
                self.notes.append(f"{what} is one-hot: the place of the 1 is the class.")
                self._is_one_hot = True
                return found
            raise UserError(
                f"{what} has shape {member.shape}, expected ({rows},) or ({rows}, 1), or one-hot rows with "
                "a single 1 each; of probabilities take labels = labels.argmax(axis=1)."
            )
        values = self._read_column(key, rows, "one class number or name per image")
        whole = np.isfinite(values) & (values == np.round(values)) if values.dtype.kind == "f" else None
        if whole is not None and not whole.all():
            raise UserError(
                f"{what} holds {values.dtype} values such as {values[~whole][0]:g}, expected whole numbers: "
                "one class number per image."
            )
        if values.dtype.kind not in "iuUS":
            raise UserError(
                f"{what} holds {values.dtype} values, expected whole numbers or text; convert with "
                "labels.astype('int64')."
            )
        return values

    def _texts(self, values: np.ndarray, what: str) -> list[str]:
        try:
            return _texts(values)
        # numpy stores any number as a letter; Python then says so in one of two ways.
        except (ValueError, SystemError) as error:
            raise UserError(f"{what} holds letters that are no Unicode; save it again as text.") from error

    def _read_column(self, key: str, rows: int, meaning: str) -> np.ndarray:
        """An array of shape (rows,) or (rows, 1), as (rows,)."""
        member = NpyMember(self._file, key, self._name)
        what = f"'{key}' in {self._name}"
        if member.dtype.hasobject:
            raise UserError(f"{what} is a pickled object array; save plain numbers or text ({meaning}).")
        if len(member.shape) not in (1, 2) or (len(member.shape) == 2 and member.shape[1] != 1):
            raise UserError(f"{what} has shape {member.shape}, expected ({rows},) or ({rows}, 1): {meaning}.")
        if member.shape[0] != rows:
            raise UserError(f"{what} has {member.shape[0]:,} values for {rows:,} images; expected {meaning}.")
        return member.read().reshape(rows)

    def _read_split(self) -> np.ndarray:
        values = self._read_column("split", self.rows, "train, validation or test per image")
        if values.dtype.kind in "US":
            raw, positions = np.unique(values, return_inverse=True)
            words = self._texts(raw, f"'split' in {self._name}")
            unknown = [word for word in words if word.strip().lower() not in SPLIT_WORDS]
            if not unknown:
                return np.array([SPLIT_WORDS[word.strip().lower()] for word in words], np.int8)[positions]
            given = f"'{unknown[0]}'"
        elif values.dtype.kind in "iu":
            outside = values[(values < -1) | (values > 2)]
            if not len(outside):
                return values.astype(np.int8)
            given = str(outside[0])
        else:
            given = f"{values.dtype} values"
        raise UserError(
            f"'split' in {self._name} has {given}, expected train, validation or test (or 0, 1, 2, and -1 "
            "for none)."
        )

    def _read_origin(self) -> np.ndarray:
        values = self._read_column("origin", self.rows, "the row each image was made from, or -1")
        if values.dtype.kind not in "iu" or int(values.min()) < -1:
            raise UserError(
                f"'origin' in {self._name} must hold whole numbers: the row each image was made from, or -1."
            )
        if int(values.max()) >= max(LARGEST_ORIGIN, 100 * self.rows):
            raise UserError(
                f"'origin' in {self._name} has {int(values.max())}, which can be no row that one of its "
                f"{self.rows:,} images was made from; give row numbers, or -1."
            )
        return values.astype(np.int64)

    def _read_files(self) -> tuple[str, ...] | None:
        """Names of the files that the rows were made from; `None` where the array is something else.

        Any program may call an array so: what is no name a row is left alone, not refused.
        """
        member = NpyMember(self._file, "files", self._name)
        if member.dtype.kind not in "US" or member.shape != (self.rows,):
            return None
        return tuple(self._texts(member.read(), f"'files' in {self._name}"))

    def _read_columns(self, members: set[str]) -> dict[str, list[str]]:
        """What else the file says of each row: arrays by the usual keys, and those that `export_npz` wrote.

        As with the names of files, what is no value per row is left alone.
        """
        found: dict[str, list[str]] = {}
        for key in sorted(members & COLUMN_KEYS):
            member = NpyMember(self._file, key, self._name)
            if member.shape == (self.rows,) and member.dtype.kind in "USiub":
                values = member.read()
                is_text = member.dtype.kind in "US"
                found[key] = (
                    self._texts(values, f"'{key}' in {self._name}")
                    if is_text
                    else values.astype(str).tolist()
                )
        if {"column_names", "column_values"} <= members:
            names = NpyMember(self._file, "column_names", self._name)
            written = NpyMember(self._file, "column_values", self._name)
            fits = names.dtype.kind == written.dtype.kind == "U" and written.shape == (
                *names.shape,
                self.rows,
            )
            if fits and len(names.shape) == 1 and names.shape[0] <= MOST_COLUMNS:
                texts = self._texts(names.read(), f"'column_names' in {self._name}")
                for name, line in zip(texts, written.read(), strict=True):
                    found[name] = self._texts(line, f"'column_values' in {self._name}")
        return found

    def _given_names(self, members: set[str]) -> tuple[str, ...] | None:
        """The names that the file has for its classes, also under another usual key; `None` without."""
        if "class_names" in members:
            return self._read_class_names("class_names")
        for key in OTHER_NAME_KEYS:
            if key in members:
                member = NpyMember(self._file, key, self._name)
                # As many texts as images are labels once more, and no list of names.
                if member.dtype.kind in "US" and len(member.shape) == 1 and 0 < member.shape[0] < self.rows:
                    self.notes.append(f"Read '{key}' as the names of the classes.")
                    return self._read_class_names(key)
        return None

    def _read_class_names(self, key: str) -> tuple[str, ...]:
        what = f"'{key}' in {self._name}"
        member = NpyMember(self._file, key, self._name)
        if member.dtype.kind not in "US" or len(member.shape) != 1 or member.shape[0] > MAX_CLASSES:
            raise UserError(f"{what} must be a list of at most {MAX_CLASSES:,} names saved as plain text.")
        return checked_names(self._texts(member.read(), what), what)


def is_bloodmnist(path: Path) -> bool:
    """Whether a file is named as MedMNIST names its blood cells."""
    return path.name.lower().startswith("bloodmnist")


def _as_rgb(images: np.ndarray) -> np.ndarray:
    """uint8 (n, H, W), (n, H, W, 1) or (n, H, W, 3) -> (n, H, W, 3)."""
    if images.ndim == 3:
        images = images[..., None]
    return np.repeat(images, 3, axis=3) if images.shape[3] == 1 else images


def _texts(values: np.ndarray) -> list[str]:
    """Text or UTF-8 bytes as strings; what is no UTF-8 shows as a question mark."""
    return [value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value) for value in values]
