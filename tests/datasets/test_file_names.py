"""Every row can be traced to its file: names are kept with a set, in the cache and in files made of it."""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from bcc.augment import read_recipe
from bcc.augment.augmented_file import write_augmented
from bcc.augment.copy_plan import plan_copies
from bcc.datasets import Dataset, export_npz, load, open_cached
from bcc.paths import cache_folder

NAMES = ("a/one.png", "a/sub/=two.png", "b/é <b>\n.png")


def paint(path: Path, seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (12, 12, 3), np.uint8)).save(path)


@pytest.fixture
def cells(tmp_path: Path) -> Path:
    for seed, name in enumerate(NAMES):
        paint(tmp_path / "cells" / name, seed)
    (tmp_path / "cells" / "a" / "broken.png").write_bytes(b"x")
    return tmp_path / "cells"


def traced(dataset: Dataset, folder: Path) -> bool:
    """Whether every row's pixels are those of the file that is named for it."""
    assert dataset.files is not None
    return all(
        (dataset.images[row] == dataset.preprocessing.apply(np.asarray(Image.open(folder / name)))).all()
        for row, name in enumerate(dataset.files)
    )


def test_rows_of_a_folder_are_traced(cells: Path) -> None:
    for dataset in (load(cells), load(cells), open_cached(load(cells).fingerprint)):
        assert dataset.files == NAMES
        assert dataset.file_of(1) == "a/sub/=two.png"
        assert traced(dataset, cells)


def test_of_a_zip_its_members_are_named(cells: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "cells.zip", "w") as archive:
        for name in NAMES:
            archive.write(
                cells / name, f"outer/{name}".replace("/", "\\") if name == NAMES[0] else f"outer/{name}"
            )
    dataset = load(tmp_path / "cells.zip")
    assert dataset.files == tuple(f"outer/{name}" for name in NAMES)
    assert dataset.fingerprint == load(cells).fingerprint
    assert load(cells).files == NAMES, "two sources of the same pixels each have their own names"


def test_names_of_a_split_folder_follow_its_rows(tmp_path: Path) -> None:
    for seed, name in enumerate(("test/a/0.png", "train/b/1.png", "train/a/2.png", "val/a/3.png")):
        paint(tmp_path / "x" / name, seed)
    dataset = load(tmp_path / "x", preprocessing="none")
    assert dataset.files == ("train/a/2.png", "train/b/1.png", "val/a/3.png", "test/a/0.png")
    assert traced(dataset, tmp_path / "x")


def test_renamed_files_are_the_same_set_under_their_new_names(cells: Path) -> None:
    before = load(cells)
    os.rename(cells / "a" / "one.png", cells / "a" / "first.png")
    after = load(cells)
    assert after.fingerprint == before.fingerprint
    assert after.files == ("a/first.png", *NAMES[1:])


def test_names_that_are_no_utf_8_are_written_out(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path / "x") + b"/a\xfe"
    paint(tmp_path / "x" / "b" / "1.png", 0)
    os.rename(tmp_path / "x" / "b", folder)
    os.rename(folder + b"/1.png", folder + b"/\xff.png")
    Path(os.fsdecode(folder + b"/\xfd.png")).write_bytes(b"broken")
    dataset = load(tmp_path / "x")
    assert dataset.files == ("a\\xfe/\\xff.png",)
    assert dataset.class_names == ("a\\xfe",)
    assert dataset.skipped == (("a\\xfe/\\xfd.png", "no jpg, png, bmp, tif or webp image"),)
    assert export_npz(dataset, tmp_path / "x.npz") == 1
    assert load(tmp_path / "x.npz").files == dataset.files


def test_arrays_have_no_files_unless_they_say_so(tiny_npz: Any, tmp_path: Path) -> None:
    assert load(tiny_npz(tmp_path / "a.npz", rows=8, size=8)).files is None
    assert load(tiny_npz(tmp_path / "a.npz", rows=8, size=8)).file_of(3) == ""
    names = np.array([f"{row}.png" for row in range(8)])
    assert load(tiny_npz(tmp_path / "b.npz", rows=8, size=8, seed=1, files=names)).files == tuple(names)
    # Another program's array of that name is none of our business.
    for row, foreign in enumerate((np.arange(8), names[:3], np.array("x"), names.reshape(2, 4))):
        path = tiny_npz(tmp_path / f"c{row}.npz", rows=8, size=8, seed=2 + row, files=foreign)
        assert load(path).files is None


def test_cleaned_and_augmented_sets_keep_the_names(cells: Path, tmp_path: Path) -> None:
    dataset = load(cells)
    export_npz(dataset, tmp_path / "clean.npz", np.array([True, False, True]))
    assert load(tmp_path / "clean.npz").files == (NAMES[0], NAMES[2])
    copies = plan_copies(dataset, per_class=3, divide=False)
    write_augmented(dataset, read_recipe("flips"), copies, tmp_path / "more.npz")
    more = load(tmp_path / "more.npz")
    assert more.files is not None
    assert [dataset.files.index(name) for name in more.files] == more.origin.tolist()  # type: ignore[union-attr]


def as_before(dataset: Dataset) -> None:
    """Make the cache what an earlier version left: no names, no notes."""
    for path in (*cache_folder().glob("index/*.json"), dataset.folder / "meta.json"):
        told = json.loads(path.read_text())
        for key in ("files", "notes"):
            del told[key]
        path.write_text(json.dumps(told))
    for path in dataset.folder.glob("files-*.json"):
        path.unlink()


def test_an_old_cache_still_opens_and_gets_names_where_its_source_is(cells: Path) -> None:
    fingerprint = load(cells).fingerprint
    as_before(open_cached(fingerprint))
    for path in cache_folder().glob("index/*.json"):
        path.unlink()
    old = open_cached(fingerprint)
    assert (old.files, old.file_of(0), old.notes) == (None, "", ())
    assert load(cells).files == NAMES
    assert open_cached(fingerprint).files == NAMES
    shutil.rmtree(cells)
    assert open_cached(fingerprint).files == NAMES


@pytest.mark.parametrize("damage", ["", "{}", "[1, 2, 3]", '["a", "b"]', "[" * 100_000, "\xff"])
def test_damaged_names_are_unknown_and_harm_nothing(cells: Path, damage: str) -> None:
    (file,) = load(cells).folder.glob("files-*.json")
    file.write_bytes(damage.encode("latin-1"))
    assert load(cells).files is None
    assert len(load(cells)) == 3
