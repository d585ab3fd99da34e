"""Labels in a table: one line per image, named by its file or its row.

Tables come from spreadsheets and other programs: the separator (comma, semicolon, tab, |) and the encoding
(UTF-8, UTF-16, Windows) are detected, names of columns are compared without case, and Excel sheets are read
too.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import numpy as np

from bcc.csv_tables import unguarded
from bcc.datasets.dataset import Dataset
from bcc.errors import UserError
from bcc.json_files import read_bytes

if TYPE_CHECKING:
    import pandas as pd

EXCEL = {".xlsx", ".xlsm"}
TABLES = {".csv", ".tsv", ".txt", *EXCEL}
"""File name endings that are read as tables."""
FILE_COLUMNS = ("file", "filename", "file_name", "image", "image_id", "path", "picture", "img", "name")
LABEL_COLUMNS = ("label", "class", "category", "cell_type", "celltype", "cell type", "type", "target", "y")
"""Names of columns, the first that a table has is taken."""
DONT_KNOW = {"", "?", "unknown", "i don't know", "don't know"}
"""What stands for "I don't know" in a column of labels."""


def read_any_table(path: Path, content: bytes | None = None) -> pd.DataFrame:
    """Read a table of text, whatever its separator and encoding.

    Args:
        path: the file; its ending says what it is.
        content: its bytes, where they are known.

    Returns:
        All columns as text, blanks around names and values removed, empty cells as "".

    Raises:
        UserError: the file cannot be read, holds no table, or names a column twice.
    """
    import pandas as pd

    try:
        if path.suffix.lower() in EXCEL:
            table = _read_excel(path, content)
        else:
            text = _decoded(read_bytes(path) if content is None else content)
            table = pd.read_csv(
                io.StringIO(text),
                sep=_separator(text),
                dtype=str,
                keep_default_na=False,
                skipinitialspace=True,
            )
    except FileNotFoundError:
        raise UserError(f"There is no file '{path}'.") from None
    except (OSError, ValueError, csv.Error) as error:
        raise UserError(f"'{path.name}' cannot be read as a table ({str(error)[:120]}).") from error
    table = unguarded(table).fillna("")
    table.columns = [str(name).strip() for name in table.columns]
    doubled = table.columns[table.columns.str.casefold().duplicated()]
    if len(doubled):
        raise UserError(f"'{path.name}' has the column '{doubled[0]}' twice; rename one of them.")
    return table.map(lambda value: str(value).strip())


def _read_excel(path: Path, content: bytes | None) -> pd.DataFrame:
    import zipfile

    import pandas as pd

    try:
        return pd.read_excel(path if content is None else io.BytesIO(content), dtype=str, na_filter=False)
    except (KeyError, zipfile.BadZipFile) as error:
        raise ValueError("not an Excel file") from error


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _separator(text: str) -> str:
    """The separator that splits the first line into most columns; a comma where there is only one column."""
    first = text.lstrip().splitlines()[0] if text.strip() else ""
    return max(",;\t|", key=lambda one: (first.count(one), one == ","))


def find_column(table: pd.DataFrame, names: tuple[str, ...]) -> str | None:
    """The first column with one of these names, compared without case; `None` where there is none."""
    by_name = {str(name).casefold(): str(name) for name in table.columns}
    return next((by_name[name] for name in names if name in by_name), None)


def rows_named(dataset: Dataset, table: pd.DataFrame, source: str) -> np.ndarray:
    """Find the row of the dataset that each line of a table is about.

    A column `row` counts; else the name of a file, with its folders or without where that is unique.

    Returns:
        int64, one per line.

    Raises:
        UserError: there is no such column, or a line names no row, several, or one that another line names
            too.
    """
    column = find_column(table, ("row",))
    rows = _by_number(dataset, table[column], source) if column else _by_file(dataset, table, source)
    values, counts = np.unique(rows, return_counts=True)
    if (counts > 1).any():
        twice = int(values[counts > 1][0])
        line = np.flatnonzero(rows == twice)[:2] + 2
        raise UserError(
            f"'{source}' names {dataset.file_of(twice) or f'row {twice}'} twice (lines {line[0]} and "
            f"{line[1]}); keep one of them."
        )
    return rows


def _by_number(dataset: Dataset, numbers: pd.Series, source: str) -> np.ndarray:
    rows = []
    for line, text in enumerate(numbers, 2):
        if not text.isdecimal() or int(text) >= len(dataset):
            raise UserError(
                f"'{source}', line {line}: there is no row '{text[:40]}'; {dataset.source} has rows 0 to "
                f"{len(dataset) - 1}."
            )
        rows.append(int(text))
    return np.array(rows, np.int64)


def _by_file(dataset: Dataset, table: pd.DataFrame, source: str) -> np.ndarray:
    column = find_column(table, FILE_COLUMNS)
    if column is None:
        raise UserError(
            f"'{source}' says neither 'row' nor 'file' (columns: {', '.join(map(str, table.columns[:12]))}); "
            "name one of its columns so."
        )
    if dataset.files is None:
        raise UserError(
            f"The rows of {dataset.source} have no file names, so '{source}' cannot name them; use a column "
            "'row'."
        )
    places: dict[str, list[int]] = {}
    for row, name in enumerate(dataset.files):
        for key in {name, PurePosixPath(name).name}:
            places.setdefault(key, []).append(row)
    rows = []
    for line, text in enumerate(table[column], 2):
        found = places.get(text.replace("\\", "/").removeprefix("./"), [])
        if len(found) != 1:
            what = "no file" if not found else f"{len(found)} files"
            hint = "" if not found else "; write its folder in front"
            raise UserError(f"'{source}', line {line}: '{text[:80]}' is {what} of {dataset.source}{hint}.")
        rows.append(found[0])
    return np.array(rows, np.int64)
