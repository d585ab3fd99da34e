"""Rows that show the same cell although their pixels differ, as found by a scan of the dataset.

`bcc.quality` finds them; here they are stored, so that a split keeps them on one side and a run can
report how many of its test images it has nearly seen. Rows whose pixels are equal need no scan:
`bcc.datasets.identity`.
"""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bcc.atomic_files import write_arrays
from bcc.datasets.dataset import SPLITS
from bcc.errors import UserError


@dataclass(frozen=True)
class NearCopies:
    """Groups of rows of one dataset, each of one cell.

    Attributes:
        rows: int64 (M,), in order; rows of no group are missing.
        group: int64 (M,), equal for rows of one group.
        when: the time of the scan, UTC, in ISO form; empty where it is unknown.
    """

    rows: np.ndarray
    group: np.ndarray
    when: str = ""

    @property
    def scan(self) -> str:
        """A hash of the groups, 12 hexadecimal digits, equal for scans that found the same groups."""
        content = np.stack([self.rows, self.group]).astype("<i8").tobytes()
        return hashlib.blake2b(content, digest_size=6).hexdigest()

    @property
    def groups(self) -> int:
        """How many groups there are."""
        return len(np.unique(self.group))

    def numbers(self, rows: int) -> np.ndarray:
        """int64 (rows,), equal for rows of one group and for no others."""
        numbers = np.arange(rows)
        _, first, inverse = np.unique(self.group, return_index=True, return_inverse=True)
        numbers[self.rows] = self.rows[first][inverse]
        return numbers

    def also_in_training(self, split: np.ndarray, side: str) -> int:
        """Count the rows of one split that have a near copy among the training rows.

        Args:
            split: int8 (N,), positions in `SPLITS`.
            side: "validation" or "test".
        """
        trained = np.unique(self.group[split[self.rows] == SPLITS.index("train")])
        here = self.group[split[self.rows] == SPLITS.index(side)]
        return int(np.isin(here, trained).sum())

    def save(self, path: Path) -> None:
        """Write them, whole or not at all."""
        write_arrays(path, rows=self.rows, group=self.group, when=np.array(self.when))


def open_near_copies(path: Path, rows: int) -> NearCopies:
    """Read what `NearCopies.save` wrote.

    Args:
        path: the file.
        rows: of the set.

    Raises:
        UserError: the file is missing, damaged or of another set.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            found = NearCopies(
                file["rows"].astype(np.int64), file["group"].astype(np.int64), str(file["when"])
            )
        fits = found.rows.ndim == 1 and found.rows.shape == found.group.shape
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise UserError(f"'{path}' cannot be read as near copies; scan the dataset again.") from error
    if not fits or ((found.rows < 0) | (found.rows >= rows)).any():
        raise UserError(f"'{path}' holds no near copies of a set of {rows:,} rows; scan the dataset again.")
    return found
