"""The `Dataset`: arrays on disk, their names, and where they came from.

A `Dataset` never holds its images in memory: `images` is a memory-mapped array, and a page or a
training step touches only the rows that it shows or trains on. Cleaning never changes it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from bcc.datasets.preprocessing import Preprocessing

SPLITS = ("train", "validation", "test")
"""Names of the three sides; a split array holds their positions here, and -1 for a row left out."""

SPLIT_WORDS = {
    "train": 0,
    "training": 0,
    "val": 1,
    "valid": 1,
    "validation": 1,
    "test": 2,
    "testing": 2,
    "": -1,
    "none": -1,
}
"""How people write the sides of a split; an empty word is a row on no side."""


PAINTED = ("synthetic", "synthetic-clean", "synthetic-shortcut")
"""Names of the built-in sets."""


@dataclass(frozen=True)
class Dataset:
    """Labelled images as arrays on disk.

    Attributes:
        images: uint8 (N, H, W, 3) RGB, memory-mapped read-only.
        labels: int64 (N,), positions in `class_names`.
        class_names: the names of the classes.
        fingerprint: 16 hexadecimal digits, a hash of pixels, labels, split and origin. Class names
            are not part of it: renaming a class does not make another dataset.
        source: what `load` opened, by a name that a person recognises ("training_set.npz").
        preprocessing: how the files became these pixels.
        split: int8 (N,), positions in `SPLITS` (or -1), where the file itself defines a split.
        origin: int64 (N,), the row of another set that a row was made from (an augmented copy has
            its original's), -1 for none, where the file has it.
        row_hashes: uint64 (N, 2), a 128-bit hash of each row's pixels.
        folder: where the arrays lie; built-in sets keep masks and planted truth there too.
        skipped: files that could not be read, each with the reason.
        location: what to pass to `load` to get this set again: an absolute path or a known name.
        notes: assumptions and changes made while the files were read, a sentence each.
        layout: the chosen layout of the folders, in short form; empty where it was detected.
        given_names: the names that the source itself has for its classes; `class_names` may be a person's.
        names_file: JSON with the names of the rows' files, `None` where they are not known; see `files`.
        columns_file: JSON with what else is known of each row, `None` where nothing is; see `columns`.
        before_changes: the same rows with the labels of the source, where a person has changed some; then
            a label of -1 is a row without a class, which is neither trained on nor scored.
    """

    images: np.ndarray
    labels: np.ndarray
    class_names: tuple[str, ...]
    fingerprint: str
    source: str
    preprocessing: Preprocessing
    row_hashes: np.ndarray
    folder: Path
    split: np.ndarray | None = None
    origin: np.ndarray | None = None
    skipped: tuple[tuple[str, str], ...] = field(default=())
    location: str = ""
    notes: tuple[str, ...] = ()
    layout: str = ""
    given_names: tuple[str, ...] = ()
    names_file: Path | None = None
    columns_file: Path | None = None
    before_changes: Dataset | None = None

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def image_shape(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return int(self.images.shape[1]), int(self.images.shape[2])

    @property
    def as_given(self) -> Dataset:
        """The dataset with the labels and classes of its source."""
        return self if self.before_changes is None else self.before_changes

    @cached_property
    def files(self) -> tuple[str, ...] | None:
        """The name of each row's file, with its folders inside the folder or zip that was opened.

        Read on first access. `None` where rows have no files (arrays without names) or their names
        were not saved (datasets converted by earlier versions; opening the folder or zip again finds them).
        """
        try:
            names = json.loads(self.names_file.read_bytes()) if self.names_file else None
        except (OSError, ValueError, RecursionError):
            return None
        if not isinstance(names, list) or len(names) != len(self):
            return None
        return tuple(names) if all(isinstance(name, str) for name in names) else None

    @cached_property
    def columns(self) -> dict[str, tuple[str, ...]]:
        """What else is known of each row (patient, slide, date, group ...), as text: name -> one value per
        row.

        Read on first access; empty where nothing is known. An empty text is an unknown value.
        """
        try:
            found = json.loads(self.columns_file.read_bytes()) if self.columns_file else {}
        except (OSError, ValueError, RecursionError):
            return {}
        if not isinstance(found, dict):
            return {}
        return {
            str(name): tuple(map(str, values))
            for name, values in found.items()
            if isinstance(values, list) and len(values) == len(self)
        }

    def file_of(self, row: int) -> str:
        """The name of a row's file, "" where it is not known."""
        return self.files[row] if self.files is not None else ""

    @property
    def is_synthetic(self) -> bool:
        """Whether the cells are painted rather than photographed."""
        return (self.location or self.source) in PAINTED

    def reading_notes(self) -> tuple[str, ...]:
        """Everything to know about how the dataset was read: `notes`, and which classes are renamed."""
        changed = [
            f"'{name}' (was '{old}')"
            for name, old in zip(self.class_names, self.given_names, strict=False)
            if name != old
        ]
        if not changed or all(old.startswith("class ") for old in self.given_names):
            return self.notes
        more = f" and {len(changed) - 8} more" if len(changed) > 8 else ""
        return (
            *self.notes,
            f"Classes are renamed: {', '.join(changed[:8])}{more}. Their own names come back with "
            "--classes own or on the Data page.",
        )

    def named(self, class_names: tuple[str, ...]) -> Dataset:
        """Return the same rows with other class names."""
        return replace(self, class_names=class_names)
