"""Tables for people: no cell is a formula to a spreadsheet, and the very values come back."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bcc.csv_tables import GUARD, guarded, read_table, table_text, unguarded, write_table
from bcc.errors import UserError

FORMULAS = [
    "=1+1", "+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "=cmd|' /C calc'!A0", '=HYPERLINK("http://x")',
    " =1+1", "\u00a0=1", "\u200b=1", "\ufeff=1", "\u202e=1", "＝1", "＋1", "－1", "＠x", "'=1", "''-1",
]  # fmt: skip
HARMLESS = ["", "a", "a=1", "1-2", "'", "'a", "it's", "12", "<b>", "a,b", 'a"b', "a\nb", "é"]


def parsed(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_and_no_head_is_a_formula(text: str) -> None:
    head, line = parsed(table_text(pd.DataFrame({"file": [text], text: ["x"]})))
    for cell in (*head, *line):
        assert not re.match(r"[\s\u200b-\u202e\ufeff]*[=+\-@＝＋－＠\t\r\n]", cell), cell
    assert head == ["file", f"'{text}", GUARD]
    assert line == [f"'{text}", "x", "file"]


def test_a_table_without_formulas_is_plain_csv() -> None:
    frame = pd.DataFrame({"text": HARMLESS, "number": -np.arange(len(HARMLESS)) / 2})
    assert guarded(frame) is frame
    assert table_text(frame) == frame.to_csv(index=False, lineterminator="\n")


def test_negative_numbers_stay_numbers() -> None:
    _, line = parsed(table_text(pd.DataFrame({"margin": [-0.5], "row": [-1], "class": ["-1"]})))
    assert line == ["-0.5", "-1", "'-1", "class"]


def test_files_are_read_back_exactly(tmp_path: Path) -> None:
    texts = [*FORMULAS, *HARMLESS]
    frame = pd.DataFrame({"row": range(len(texts)), "=file": texts, "-": [1.5] * len(texts)})
    write_table(tmp_path / "new" / "table.csv", frame)
    again = read_table(tmp_path / "new" / "table.csv", na_values=[])
    pd.testing.assert_frame_equal(again, frame, check_dtype=False)


@settings(max_examples=40)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1), st.text(min_size=1))
def test_whatever_is_guarded_comes_back(texts: list[str], name: str) -> None:
    frame = pd.DataFrame({name: texts, "other": texts[::-1]})
    again = unguarded(guarded(frame))
    assert list(again.columns) == list(frame.columns)
    assert again.to_numpy().tolist() == frame.to_numpy().tolist()


def test_columns_of_one_name_and_missing_values() -> None:
    frame = pd.DataFrame([["=a", "b", None], ["c", "-d", np.nan]], columns=["x", "x", "y"])
    again = unguarded(guarded(frame))
    assert again.iloc[:, :2].to_numpy().tolist() == [["=a", "b"], ["c", "-d"]]
    assert again["y"].isna().all()


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(UserError, match="cannot be written"):
        write_table(tmp_path / "file" / "t.csv", pd.DataFrame({"a": [1]}))
