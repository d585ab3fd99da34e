"""Write rows of a dataset as an `.npz` that `load` can open, a few megabytes at a time."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from bcc.atomic_files import why_not_written
from bcc.datasets.conversion import PIECE_BYTES, ProgressCallback
from bcc.datasets.dataset import Dataset
from bcc.errors import UserError


def export_npz(
    dataset: Dataset,
    path: Path | str,
    keep: np.ndarray | None = None,
    progress: ProgressCallback | None = None,
) -> int:
    """Write the kept rows: `images`, `labels`, `class_names`, and where there are any `split`, `origin`, the
    names of `files`, and the columns that travel with the rows (`column_names` (C,), `column_values` (C, N)).

    Args:
        dataset: the set.
        path: the file to write; it appears only when it is complete.
        keep: bool (N,), which rows; all of them when missing.
        progress: called with (share done, sentence).

    Returns:
        How many rows were written.

    Raises:
        UserError: no row is kept, or the file cannot be written.
    """
    path = Path(path)
    rows = np.arange(len(dataset)) if keep is None else np.flatnonzero(keep)
    if not len(rows):
        raise UserError(f"No row of {dataset.source} is kept, so there is nothing to export; keep some.")
    columns = {"labels": dataset.labels[rows], "class_names": np.array(dataset.class_names, dtype=str)}
    for name in ("split", "origin"):
        values = getattr(dataset, name)
        if values is not None:
            columns[name] = values[rows]
    if dataset.columns:
        columns["column_names"] = np.array(list(dataset.columns), dtype=str)
        values = [[line[row] for row in rows] for line in dataset.columns.values()]
        columns["column_values"] = np.array(values, dtype=str)
    if dataset.files is not None:
        columns["files"] = np.array([dataset.files[row] for row in rows], dtype=str)
    write_dataset_file(path, [(dataset, rows)], columns, progress)
    return len(rows)


def write_dataset_file(
    path: Path,
    parts: Sequence[tuple[Dataset, np.ndarray]],
    arrays: Mapping[str, np.ndarray],
    progress: ProgressCallback | None = None,
) -> None:
    """Write rows of one or several datasets as one `.npz`, without ever holding all images.

    Args:
        path: the file; it appears only when it is complete.
        parts: datasets with images of one size, and int64 rows of each.
        arrays: everything but the images.
        progress: called with (share done, sentence).

    Raises:
        UserError: the file cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        # There is no temporary file to remove where there is no folder.
        raise UserError(why_not_written(error, f"'{path}'")) from error
    try:
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED, allowZip64=True) as file:
            _write_images(file, parts, progress)
            for name, values in arrays.items():
                with file.open(f"{name}.npy", "w") as member:
                    np.lib.format.write_array(member, np.ascontiguousarray(values), allow_pickle=False)
        os.replace(temporary, path)
    except OSError as error:
        raise UserError(why_not_written(error, f"'{path}'")) from error
    finally:
        temporary.unlink(missing_ok=True)


def _write_images(
    file: zipfile.ZipFile,
    parts: Sequence[tuple[Dataset, np.ndarray]],
    progress: ProgressCallback | None,
) -> None:
    total, done = sum(len(rows) for _, rows in parts), 0
    shape = (total, *parts[0][0].images.shape[1:])
    step = max(1, PIECE_BYTES // int(np.prod(shape[1:])))
    with file.open("images.npy", "w", force_zip64=True) as member:
        header = {"descr": "|u1", "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(member, header)
        for dataset, rows in parts:
            for start in range(0, len(rows), step):
                part = rows[start : start + step]
                member.write(np.ascontiguousarray(dataset.images[part]).data)
                done += len(part)
                if progress is not None:
                    progress(done / total, f"Writing {done:,} of {total:,} images")
