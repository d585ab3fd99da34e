"""Folders whose labels stand in a table: CSV or Excel, with other columns that travel with the rows."""

from __future__ import annotations

import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest

from bcc.datasets import export_npz, load
from bcc.errors import UserError


@pytest.fixture
def cells(tmp_path: Path) -> Path:
    folder = tmp_path / "cells"
    for number, name in enumerate(["x1.png", "x2.png", "x3.png", "x4.png"]):
        path = folder / "images" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), np.full((24, 24, 3), 30 * number + 20, np.uint8))
    return folder


def labels_of(dataset: object) -> dict[str, str]:
    """File -> class."""
    return {
        file: dataset.class_names[label]  # type: ignore[attr-defined]
        for file, label in zip(dataset.files, dataset.labels, strict=True)  # type: ignore[attr-defined]
    }


def test_a_table_gives_labels_split_and_columns(cells: Path) -> None:
    (cells / "labels.csv").write_text(
        "image_id;cell type;Patient;set\nx1;Lymphocyte;P1;train\nx2.png;monocyte;P1;test\n"
        "images/x3.png;lymphocyte;P2;train\n"
    )
    dataset = load(cells)
    assert labels_of(dataset) == {
        "images/x1.png": "Lymphocyte",
        "images/x2.png": "monocyte",
        "images/x3.png": "Lymphocyte",
        "images/x4.png": "unlabelled",
    }
    patients = dict(zip(dataset.files or (), dataset.columns["Patient"], strict=True))
    assert patients == {
        "images/x1.png": "P1",
        "images/x2.png": "P1",
        "images/x3.png": "P2",
        "images/x4.png": "",
    }
    assert dataset.split is not None
    sides = dict(zip(dataset.files or (), dataset.split.tolist(), strict=True))
    assert sides["images/x2.png"] == 2
    assert sides["images/x4.png"] == -1
    notes = " ".join(dataset.notes)
    assert "Labels come from the table 'labels.csv', its columns 'image_id' and 'cell type'." in notes
    assert "1 images are not in the table and have no label." in notes
    assert "are taken as one class" in notes


def test_columns_survive_export_and_import(cells: Path, tmp_path: Path) -> None:
    (cells / "labels.csv").write_text(
        "file,label,patient\nx1.png,a,P1\nx2.png,b,=P2\nx3.png,a,\nx4.png,b,P4\n"
    )
    dataset = load(cells)
    keep = np.array([True, True, False, True])
    export_npz(dataset, tmp_path / "out.npz", keep)
    again = load(tmp_path / "out.npz")
    kept = np.flatnonzero(keep)
    assert again.columns["patient"] == tuple(dataset.columns["patient"][row] for row in kept)


def test_a_zip_with_a_table_reads_like_the_folder(cells: Path, tmp_path: Path) -> None:
    (cells / "labels.csv").write_text("file,label\nx1.png,a\nx2.png,b\nx3.png,a\nx4.png,b\n")
    with zipfile.ZipFile(tmp_path / "cells.zip", "w") as archive:
        for path in sorted(cells.rglob("*.*")):
            archive.write(path, path.relative_to(cells))
    assert labels_of(load(tmp_path / "cells.zip")) == labels_of(load(cells))


def test_class_folders_win_over_a_table_unless_it_is_asked_for(tmp_path: Path) -> None:
    for number, name in enumerate(["a/x1.png", "a/x2.png", "b/x3.png"]):
        path = tmp_path / "cells" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), np.full((24, 24, 3), 30 * number + 20, np.uint8))
    (tmp_path / "cells" / "t.csv").write_text("file,label\nx1.png,p\nx2.png,q\nx3.png,q\n")
    assert load(tmp_path / "cells").class_names == ("a", "b")
    asked = load(tmp_path / "cells", layout="table")
    assert labels_of(asked) == {"a/x1.png": "p", "a/x2.png": "q", "b/x3.png": "q"}


def test_lines_without_a_file_are_listed_and_doubled_ones_count_once(cells: Path) -> None:
    (cells / "t.csv").write_text("file,label\nx1.png,a\nx1.png,a\nx2.png,b\nx9.png,b\nx3.png,a\n")
    dataset = load(cells)
    assert ("x9.png", "named in t.csv, but not there") in dataset.skipped
    notes = " ".join(dataset.notes)
    assert "1 lines of the table name files that are not there" in notes
    assert "1 lines of the table repeat another line" in notes


@pytest.mark.parametrize(
    ("table", "layout", "said"),
    [
        (
            "file,label\nx1.png,a\nx2.png,b\nx1.png,b\n",
            None,
            r"gives 'x1.png' two labels \(lines 2 and 4\): 'a' and 'b'",
        ),
        ("picture no,label\n1,a\n", "table", "has no column of file names"),
        ("file,label\ny1.png,a\n", "table", "No line of the table 't.csv' names an image"),
    ],
)
def test_bad_tables_get_one_sentence(cells: Path, table: str, layout: str | None, said: str) -> None:
    (cells / "t.csv").write_text(table)
    with pytest.raises(UserError, match=said):
        load(cells, layout=layout)


def test_two_tables_and_none_are_refused(cells: Path) -> None:
    with pytest.raises(UserError, match="has no table that names its images"):
        load(cells, layout="table")
    for name in ("a.csv", "b.csv"):
        (cells / name).write_text("file,label\nx1.png,a\nx2.png,b\nx3.png,a\n")
    with pytest.raises(UserError, match="both name the images and their labels"):
        load(cells)


def test_images_without_class_folders_have_no_labels(cells: Path) -> None:
    flat = load(cells / "images")
    assert flat.class_names == ("unlabelled",)
    assert "are taken as images without labels" in " ".join(flat.notes)
    whole = load(cells, layout="unlabelled")
    assert whole.class_names == ("unlabelled",)
    assert len(whole) == 4


def test_groups_of_folders_are_a_column(tmp_path: Path) -> None:
    for number, name in enumerate(["p1/a/1.png", "p1/b/2.png", "p2/a/3.png", "p2/b/4.png"]):
        path = tmp_path / "cells" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), np.full((24, 24, 3), 30 * number + 20, np.uint8))
    dataset = load(tmp_path / "cells", layout="group/class")
    assert dict(zip(dataset.files or (), dataset.columns["group"], strict=True))["p2/a/3.png"] == "p2"
