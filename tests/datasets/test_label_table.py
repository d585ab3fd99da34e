"""Tables as spreadsheets and other programs write them, and the rows that their lines are about."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from bcc.csv_tables import write_table
from bcc.datasets import Dataset, load
from bcc.datasets.label_table import find_column, read_any_table, rows_named
from bcc.errors import UserError

LINES = [["file", "Label"], ["a.png", "basophil"], ["b.png", "größe; x"]]


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    for number, name in enumerate(("one/a.png", "one/b.png", "two/b.png", "two/c.png")):
        path = tmp_path / "cells" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), np.full((20, 20, 3), 40 * number + 30, np.uint8))
    return load(tmp_path / "cells")


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_separators_and_encodings_are_detected(tmp_path: Path, separator: str, encoding: str) -> None:
    text = "\n".join(separator.join(f'"{value}"' for value in line) for line in LINES)
    (tmp_path / "t.csv").write_bytes(text.encode(encoding))
    table = read_any_table(tmp_path / "t.csv")
    assert list(table.columns) == ["file", "Label"]
    assert table.iloc[1].tolist() == ["b.png", "größe; x"]


def test_excel_sheets_are_read(tmp_path: Path) -> None:
    pd.DataFrame(LINES[1:], columns=LINES[0]).to_excel(tmp_path / "t.xlsx", index=False)
    assert read_any_table(tmp_path / "t.xlsx")["Label"].tolist() == ["basophil", "größe; x"]


def test_our_own_guarded_tables_are_read_back_exactly(tmp_path: Path) -> None:
    write_table(tmp_path / "t.csv", pd.DataFrame({"file": ["=a.png"], "label": ["NA"]}))
    assert read_any_table(tmp_path / "t.csv").iloc[0].tolist() == ["=a.png", "NA"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "cannot be read as a table"),
        (b"file,File\na,b\n", "has the column 'File' twice"),
        (b'a,b\n"x', "cannot be read as a table"),
    ],
)
def test_what_is_no_table_gets_one_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "t.csv").write_bytes(content)
    with pytest.raises(UserError, match=said):
        read_any_table(tmp_path / "t.csv")
    with pytest.raises(UserError, match="There is no file"):
        read_any_table(tmp_path / "none.csv")
    (tmp_path / "t.xlsx").write_bytes(b"PK\x03\x04 no sheet")
    with pytest.raises(UserError, match=r"Excel|cannot be read as a table"):
        read_any_table(tmp_path / "t.xlsx")


def test_columns_are_found_whatever_their_case() -> None:
    table = pd.DataFrame(columns=["Image_ID", "Cell Type"])
    assert find_column(table, ("file", "image_id")) == "Image_ID"
    assert find_column(table, ("label",)) is None


def test_lines_name_rows_by_number_or_by_file(dataset: Dataset) -> None:
    assert rows_named(dataset, pd.DataFrame({"row": ["2", "0"]}), "t.csv").tolist() == [2, 0]
    by_file = pd.DataFrame({"file": ["a.png", "two/b.png", ".\\two\\c.png"]})
    assert rows_named(dataset, by_file, "t.csv").tolist() == [0, 2, 3]


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"row": ["4"]}, "line 2: there is no row '4'; cells has rows 0 to 3"),
        ({"row": ["-1"]}, "there is no row '-1'"),
        ({"row": ["1", "1"]}, r"names one/b.png twice \(lines 2 and 3\)"),
        ({"file": ["x.png"]}, "line 2: 'x.png' is no file of cells"),
        ({"file": ["b.png"]}, "'b.png' is 2 files of cells; write its folder in front"),
        ({"cell": ["b.png"]}, "says neither 'row' nor 'file'"),
    ],
)
def test_lines_that_name_no_row_are_refused(dataset: Dataset, table: dict[str, list[str]], said: str) -> None:
    with pytest.raises(UserError, match=said):
        rows_named(dataset, pd.DataFrame(table), "t.csv")
