"""A tree of images whose classes stand in a table beside them: file, label, and any other columns.

A line names its file with its folders, without them where that is unique, or without the ending. The other
columns (patient, slide, date, ...) travel with the rows. Images that the table does not name, and lines
without a label, are rows without a label.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath

import pandas as pd

from bcc.datasets import folder_names as names
from bcc.datasets.classes import MAX_CLASSES, UNLABELLED, folder_classes
from bcc.datasets.dataset import SPLIT_WORDS
from bcc.datasets.folders.layout import TABLE, Layout
from bcc.datasets.folders.mask_files import LooksDrawn
from bcc.datasets.folders.tree import NO_IMAGE, Arrangement, Parts, arrange
from bcc.datasets.images.decode import is_image
from bcc.datasets.label_table import FILE_COLUMNS, LABEL_COLUMNS, TABLES, find_column
from bcc.errors import UserError, shortened

SPLIT_COLUMNS = ("split", "set", "subset", "partition", "fold")
MOST_COLUMNS = 64
"""Other columns that travel with the rows; the first ones of the table."""
_NO_LABEL = {"", "nan", "none", "null", "unlabelled", "unlabeled"}
ReadTable = Callable[[Parts], pd.DataFrame]
"""Reads a table of the tree as text."""


def tables_in(files: Iterable[Parts]) -> list[Parts]:
    """The tables of a tree that could name its images, the outermost first; texts are none unless asked
    for."""
    found = [path for path in files if PurePosixPath(path[-1]).suffix.lower() in TABLES - {".txt"}]
    return sorted(found, key=lambda path: (len(path), path))


def find_table(files: list[Parts], read: ReadTable) -> tuple[Parts, pd.DataFrame] | None:
    """The one table that names at least half of the images, with a column of labels; `None` where there is
    none.

    Raises:
        UserError: several tables do.
    """
    images = [path for path in files if is_image(path[-1])]
    fitting: list[tuple[Parts, pd.DataFrame]] = []
    for path in tables_in(files):
        try:
            table = read(path)
        except UserError:
            continue
        column = find_column(table, FILE_COLUMNS)
        if column is None or find_column(table, LABEL_COLUMNS) is None:
            continue
        place = _Places(images)
        if 2 * sum(place.find(text) is not None for text in table[column]) >= len(images) > 0:
            fitting.append((path, table))
    if len(fitting) > 1:
        listed = " and ".join(f"'{'/'.join(path)}'" for path, _ in fitting[:2])
        raise UserError(
            f"{listed} both name the images and their labels; leave only one of them in the folder."
        )
    return fitting[0] if fitting else None


def arrange_by_table(files: list[Parts], name: str, path: Parts, table: pd.DataFrame) -> Arrangement:
    """Give every image the class that the table says.

    Args:
        files: paths of all files that are not hidden.
        name: of the tree, for messages.
        path: of the table.
        table: its content as text.

    Raises:
        UserError: the table names no image, one image twice with different labels, or too many classes.
    """
    source = shortened("/".join(path))
    images = sorted(one for one in files if is_image(one[-1]))
    file_column, label_column = find_column(table, FILE_COLUMNS), find_column(table, LABEL_COLUMNS)
    if file_column is None:
        raise UserError(
            f"The table '{source}' in {name} has no column of file names (columns: "
            f"{', '.join(map(str, table.columns[:12]))}); call one of them 'file'."
        )
    split_column = _split_column(table)
    taken = {file_column, label_column, split_column}
    others = [str(column) for column in table.columns if column not in taken][:MOST_COLUMNS]
    places, doubled = _Places(images), 0
    line_of: dict[Parts, int] = {}
    missing: list[str] = []
    for line, text in enumerate(table[file_column]):
        found = places.find(text)
        if found is None:
            missing.append(text)
        elif found in line_of:
            first = line_of[found]
            if label_column and table[label_column].iat[first] != table[label_column].iat[line]:
                raise UserError(
                    f"The table '{source}' gives '{shortened(text)}' two labels (lines {first + 2} and "
                    f"{line + 2}): '{shortened(table[label_column].iat[first])}' and "
                    f"'{shortened(table[label_column].iat[line])}'; keep one of the lines."
                )
            doubled += 1
        else:
            line_of[found] = line
    if not line_of:
        raise UserError(
            f"No line of the table '{source}' names an image in {name} (its first file is "
            f"'{shortened(str(table[file_column].iat[0])) if len(table) else ''}'); check the column "
            f"'{file_column}'."
        )
    labels = {one: _label(table, label_column, line_of.get(one)) for one in images}
    class_names, position, notes = _classes(labels.values(), source)
    notes.insert(
        0, f"Labels come from the table '{source}', its columns '{file_column}' and '{label_column}'."
    )
    if unnamed := sum(one not in line_of for one in images):
        notes.append(f"{unnamed:,} images are not in the table and have no label.")
    if missing:
        notes.append(f"{len(missing):,} lines of the table name files that are not there and are left out.")
    if doubled:
        notes.append(f"{doubled:,} lines of the table repeat another line and count once.")
    if others:
        notes.append(f"Columns that travel with the images: {', '.join(map(shortened, others))}.")
    sides = {
        one: SPLIT_WORDS.get(table[split_column].iat[line].casefold()) if split_column else None
        for one, line in line_of.items()
    }
    kept = [(one, position[names.plain(labels[one])], _side(sides.get(one), split_column)) for one in images]
    kept.sort(key=lambda one: (one[2] or 0, one[1], one[0]))
    skipped = [
        ("/".join(map(names.shown, one)), NO_IMAGE) for one in files if not is_image(one[-1]) and one != path
    ]
    skipped += [(names.shown(text), f"named in {source}, but not there") for text in missing]
    about = {
        one: {column: str(table[column].iat[line]) for column in others} for one, line in line_of.items()
    }
    return Arrangement(class_names, kept, sorted(skipped), notes, about if others else {})


def arrange_with_table(
    files: list[Parts],
    folders: Iterable[Parts],
    name: str,
    layout: Layout,
    looks_drawn: LooksDrawn | None,
    read: ReadTable,
) -> Arrangement:
    """Sort files into classes, by a table where the folders are no classes and there is one.

    Without a word from the person a table counts only where the images lie in no class folders: loose, or in
    a single folder. Else it is mentioned.

    Raises:
        UserError: as `arrange` and `arrange_by_table`; or a table is asked for and there is none.
    """
    shown = shortened(names.shown(name))
    visible = sorted(files)
    if layout.levels == (TABLE,):
        found = find_table(visible, read)
        if found is None:
            tables = tables_in(visible)
            if len(tables) != 1:
                raise UserError(
                    f"{shown} has no table that names its images and their labels; a CSV or Excel sheet "
                    "with the columns 'file' and 'label' is needed."
                )
            found = tables[0], read(tables[0])
        return arrange_by_table(visible, shown, *found)
    around = {one[:-1] for one in visible if is_image(one[-1])}
    if not layout.levels and len(around) == 1 and (found := find_table(visible, read)) is not None:
        return arrange_by_table(visible, shown, *found)
    return arrange(files, folders, name, layout, looks_drawn)


class _Places:
    """Finds the image that a line of a table means."""

    def __init__(self, images: list[Parts]) -> None:
        self._by_name: dict[str, set[Parts]] = {}
        for path in images:
            for start in range(len(path)):
                whole = "/".join(path[start:])
                for key in {whole, str(PurePosixPath(whole).with_suffix(""))}:
                    self._by_name.setdefault(key, set()).add(path)

    def find(self, text: str) -> Parts | None:
        """The image, `None` where there is none or several could be meant."""
        clean = text.replace("\\", "/").removeprefix("./").strip("/")
        while clean:
            found = self._by_name.get(clean, set())
            if found:
                return next(iter(found)) if len(found) == 1 else None
            # Folders above the tree that the table names too.
            _, _, clean = clean.partition("/")
        return None


def _label(table: pd.DataFrame, column: str | None, line: int | None) -> str:
    if column is None or line is None:
        return UNLABELLED
    text = str(table[column].iat[line])
    return UNLABELLED if text.casefold() in _NO_LABEL else text


def _classes(labels: Iterable[str], source: str) -> tuple[tuple[str, ...], dict[str, int], list[str]]:
    """Names of the classes, the position of each by its plain spelling, and which spellings were taken as
    one."""
    spellings: dict[str, Counter[str]] = {}
    for label in labels:
        spellings.setdefault(names.plain(label), Counter())[label] += 1
    if len(spellings) > MAX_CLASSES:
        raise UserError(
            f"The table '{source}' has {len(spellings):,} different labels; at most {MAX_CLASSES:,} are "
            "possible. Is the column of labels the right one?"
        )
    chosen = {plain: min(counts, key=lambda one: (-counts[one], one)) for plain, counts in spellings.items()}
    order = sorted(chosen, key=lambda plain: names.natural(chosen[plain]))
    final = folder_classes([names.shown(chosen[plain]) for plain in order])
    notes = [
        f"{' and '.join(repr(one) for one in sorted(counts))} are taken as one class."
        for counts in spellings.values()
        if len(counts) > 1
    ]
    return final, {plain: at for at, plain in enumerate(order)}, notes


def _split_column(table: pd.DataFrame) -> str | None:
    """The column that divides the rows, `None` where none has only words for it."""
    column = find_column(table, SPLIT_COLUMNS)
    if column is None or not set(table[column].str.casefold()) <= set(SPLIT_WORDS):
        return None
    return column


def _side(side: int | None, split_column: str | None) -> int | None:
    if split_column is None:
        return None
    return -1 if side is None else side
