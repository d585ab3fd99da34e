"""Add the names of files to a table of rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bcc.errors import UserError

if TYPE_CHECKING:
    import pandas as pd


def with_files(frame: pd.DataFrame, files: Sequence[str] | None, rows: str = "row") -> pd.DataFrame:
    """Return a frame with a column `file` after its column of rows; unchanged where no names are known.

    Args:
        frame: one line per row of a dataset.
        files: the name of each row's file, as `Dataset.files` has them.
        rows: the column that holds rows of the set.
    """
    if files is None:
        return frame
    made = frame.copy()
    made.insert(made.columns.get_loc(rows) + 1, "file", [files[row] for row in frame[rows]])
    return made


def files_of(fingerprint: str) -> tuple[str, ...] | None:
    """Return the names of the files of a cached dataset; `None` where it does not exist or has none."""
    from bcc.datasets.cache.cached_datasets import open_cached

    try:
        return open_cached(fingerprint).files
    except UserError:
        return None
