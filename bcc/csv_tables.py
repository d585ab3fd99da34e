"""Tables as CSV for people: safe to open in a spreadsheet, and read back exactly.

A spreadsheet interprets a cell that begins with `=`, `+`, `-`, `@`, a tab or a line break as a formula, and
names of classes and files come from anywhere. Such cells get an apostrophe in front, which makes them text;
a last column then says so, row by row, and `read_table` takes the apostrophes away again. Tables without
such cells are plain CSV. This module is not for files that only programs read: those keep exact
values.

Source: OWASP, "CSV Injection", https://owasp.org/www-community/attacks/CSV_Injection.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bcc.atomic_files import replacing, why_not_written
from bcc.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

GUARD = "guarded with an apostrophe"
"""Name of the last column, which lists the guarded cells of each row by the names of their columns."""

# Blanks and letters of no width before the sign help nothing: programs trim them. Apostrophes that were there
# already count too, so that taking one away is always right. The wide signs are those of East Asian fonts.
_RISKY = re.compile(
    r"'*(?:[\s\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n])"
)


def table_text(frame: pd.DataFrame, float_format: str | None = None) -> str:
    """Format a frame as guarded CSV, without its index."""
    made = guarded(frame)
    # Python 3.11 quotes only the end of line that it writes itself: a bare "\r" would begin a new cell.
    bare = any("\r" in text for text in _all_texts(made))
    quoting = csv.QUOTE_NONNUMERIC if bare else csv.QUOTE_MINIMAL
    text = made.to_csv(index=False, float_format=float_format, lineterminator="\n", quoting=quoting)
    return str(text)


def write_table(path: Path, frame: pd.DataFrame, float_format: str | None = None) -> None:
    """Write a frame as guarded CSV, whole or not at all.

    Raises:
        UserError: the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as file:
            file.write(table_text(frame, float_format).encode())
    except OSError as error:
        raise UserError(why_not_written(error, f"'{path}'")) from error


def read_table(path: Path | str, **options: Any) -> pd.DataFrame:
    """Read a CSV that `write_table` wrote, with the very values that were written.

    Args:
        path: the file.
        **options: of `pandas.read_csv`; only empty cells are missing values, for a class may be called "NA".

    Raises:
        OSError, ValueError: as `pandas.read_csv`.
    """
    import pandas as pd

    return unguarded(pd.read_csv(path, **{"keep_default_na": False, "na_values": [""], **options}))


def guarded(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame in which risky cells and column names are text for any spreadsheet."""
    texts = {at: _texts(frame, at) for at in range(frame.shape[1])}
    names = [str(name) for name in frame.columns]
    risky = {
        at: [isinstance(value, str) and _is_risky(value) for value in values]
        for at, values in texts.items()
        if values is not None
    }
    if not any(map(_is_risky, names)) and not any(map(any, risky.values())):
        return frame
    made = frame.copy()
    where: list[list[str]] = [[] for _ in range(len(frame))]
    for at, marks in risky.items():
        if not any(marks):
            continue
        values = texts[at] or []
        safe = [f"'{value}" if mark else value for value, mark in zip(values, marks, strict=True)]
        made.isetitem(at, _column(frame, safe))
        for row, mark in enumerate(marks):
            if mark:
                where[row].append(names[at])
    made.columns = [f"'{name}" if _is_risky(name) else name for name in names]
    said = [", ".join(columns) for columns in where]
    made[GUARD] = [f"'{text}" if _is_risky(text) else text for text in said]
    return made


def unguarded(frame: pd.DataFrame) -> pd.DataFrame:
    """Undo `guarded`: remove the apostrophes and the column about them."""
    if not len(frame.columns) or frame.columns[-1] != GUARD:
        return frame
    made = frame.iloc[:, :-1].copy()
    for at in range(made.shape[1]):
        values = _texts(made, at)
        if values is not None:
            made.isetitem(at, _column(made, [_without(value) for value in values]))
    made.columns = [_without(name) for name in made.columns]
    return made


def _texts(frame: pd.DataFrame, at: int) -> list[Any] | None:
    """Values of a column that can hold text; `None` for numbers, times and truths."""
    column = frame.iloc[:, at]
    return None if column.dtype.kind in "biufcmM" else list(column)


def _all_texts(frame: pd.DataFrame) -> Iterator[str]:
    yield from map(str, frame.columns)
    for at in range(frame.shape[1]):
        yield from (value for value in _texts(frame, at) or () if isinstance(value, str))


def _column(frame: pd.DataFrame, values: list[Any]) -> pd.Series:
    import pandas as pd

    return pd.Series(values, index=frame.index, dtype=object)


def _is_risky(text: str) -> bool:
    return _RISKY.match(text) is not None


def _without(value: Any) -> Any:
    return value[1:] if isinstance(value, str) and value.startswith("'") and _is_risky(value) else value
