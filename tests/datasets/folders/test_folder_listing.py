from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from bcc.datasets import CLASS_PRESETS, cached_sets, load, open_cached, rename_classes
from bcc.errors import UserError


def image(seed: int, height: int = 12, width: int = 10) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def fill(root: Path, files: dict[str, int], height: int = 12, width: int = 10) -> Path:
    """Write images: name -> seed."""
    for name, seed in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image(seed, height, width)).save(path)
    return root


@pytest.fixture
def cells(tmp_path: Path) -> Path:
    return fill(tmp_path / "cells", {"b/2.png": 2, "b/10.bmp": 1, "a/x.tif": 3, "c/y.tiff": 4})


def test_folders_are_classes_in_alphabetical_order(cells: Path) -> None:
    data = load(cells, preprocessing="none")
    assert data.class_names == ("a", "b", "c")
    assert data.labels.tolist() == [0, 1, 1, 2]
    assert (data.images == np.stack([image(seed) for seed in (3, 1, 2, 4)])).all()
    assert data.source == "cells"
    assert data.location == str(cells)
    assert data.skipped == ()


def test_the_default_is_a_square_of_96(cells: Path) -> None:
    data = load(cells)
    assert data.preprocessing.text == "resize:96"
    assert data.images.shape == (4, 96, 96, 3)
    assert (data.images[0] == data.preprocessing.apply(image(3))).all()


def test_real_photographs_come_out_as_in_the_challenge(shared_data: Path, tmp_path: Path) -> None:
    for name in ("ig", "platelet"):
        (tmp_path / "cells" / name).mkdir(parents=True)
        for file in sorted((shared_data / "pbc" / name).glob("*.jpg"))[:4]:
            shutil.copy(file, tmp_path / "cells" / name)
    data = load(tmp_path / "cells", preprocessing="challenge")
    assert data.class_names == ("immature granulocyte", "platelet")
    files = sorted((tmp_path / "cells").glob("*/*.jpg"))
    for row, file in enumerate(files):
        with Image.open(file) as image:
            assert (data.images[row] == data.preprocessing.apply(np.asarray(image.convert("RGB")))).all()


def test_the_order_of_writing_does_not_matter(cells: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    for file in sorted(cells.rglob("*.*"), reverse=True):
        (other / file.parent.name).mkdir(parents=True, exist_ok=True)
        shutil.copy(file, other / file.parent.name)
    assert load(other).fingerprint == load(cells).fingerprint


def test_a_single_folder_around_is_passed_through(cells: Path, tmp_path: Path) -> None:
    outer = tmp_path / "outer"
    (outer / "mid").mkdir(parents=True)
    shutil.move(cells, outer / "mid" / "cells")
    assert load(outer).class_names == ("a", "b", "c")


def test_one_class_folder_is_one_class(tmp_path: Path) -> None:
    assert load(fill(tmp_path / "x", {"blast/1.png": 1, "blast/2.png": 2})).class_names == ("blast",)
    nested = fill(tmp_path / "y", {"top/blast/1.png": 1, "top/blast/2.png": 2})
    assert load(nested).class_names == ("blast",)


def test_images_deeper_in_a_class_belong_to_it(tmp_path: Path) -> None:
    root = fill(tmp_path / "x", {"a/patient 1/1.png": 1, "a/2.png": 2, "b/patient 1/3.png": 3})
    data = load(root)
    assert data.class_names == ("a", "b")
    assert data.labels.tolist() == [0, 0, 1]


def test_train_and_test_folders_are_a_split_and_no_classes(tmp_path: Path) -> None:
    files = {"test/a/1.png": 1, "test/b/2.png": 2, "train/a/3.png": 3, "train/c/4.png": 4, "val/b/5.png": 5}
    data = load(fill(tmp_path / "x", files))
    assert data.class_names == ("a", "b", "c")
    assert data.split is not None
    assert data.split.tolist() == [0, 0, 1, 2, 2]
    assert data.labels.tolist() == [0, 2, 1, 0, 1]


def test_classes_may_be_called_train_and_test_where_a_person_says_so(tmp_path: Path) -> None:
    root = fill(tmp_path / "x", {"test/1.png": 1, "train/2.png": 2})
    with pytest.raises(UserError, match=r"holds images directly in 'test'.*--layout class"):
        load(root)
    data = load(root, layout="class")
    assert data.class_names == ("test", "train")
    assert data.split is None


def test_hidden_files_are_passed_over_and_others_listed(cells: Path) -> None:
    (cells / ".git").mkdir()
    (cells / "__MACOSX" / "a").mkdir(parents=True)
    for name in (
        ".DS_Store",
        "a/.hidden.png",
        "a/Thumbs.db",
        "__MACOSX/a/._x.tif",
        "a/notes.txt",
        "readme.md",
    ):
        (cells / name).write_text("x")
    fill(cells, {"loose.png": 9})
    data = load(cells)
    assert data.class_names == ("a", "b", "c")
    assert len(data) == 4
    assert [file for file, _ in data.skipped] == ["a/notes.txt", "loose.png", "readme.md"]
    assert dict(data.skipped)["loose.png"] == "not inside a class folder"


def test_corrupt_images_are_listed_and_skipped(cells: Path) -> None:
    (cells / "b" / "0.jpg").write_bytes(b"nothing")
    whole = (cells / "b" / "2.png").read_bytes()
    (cells / "b" / "3.png").write_bytes(whole[: len(whole) // 2])
    os.symlink(cells / "nowhere.png", cells / "b" / "4.png")
    Image.new("1", (5000, 5000)).save(cells / "c" / "huge.png")
    data = load(cells)
    assert data.labels.tolist() == [0, 1, 1, 2]
    assert dict(data.skipped) == {
        "b/0.jpg": "no jpg, png, bmp, tif or webp image",
        "b/3.png": "damaged or cut short",
        "b/4.png": "no file (a broken link, perhaps)",
        "c/huge.png": "5000 x 5000 px is too large for an image of a cell: at most 12.5 megapixels; "
        "cut the cell out",
    }
    # They are still known when the set is opened again.
    assert load(cells).skipped == data.skipped


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes")
@pytest.mark.timeout(20)
def test_a_pipe_does_not_hold_everything_up(cells: Path) -> None:
    os.mkfifo(cells / "a" / "pipe.png")
    assert [file for file, _ in load(cells).skipped] == ["a/pipe.png"]


def test_links_in_a_circle_end(cells: Path) -> None:
    os.symlink(cells, cells / "a" / "around")
    assert len(load(cells)) == 4


def test_an_empty_folder_called_like_a_cell_is_refused(cells: Path) -> None:
    (cells / "blast").mkdir()
    (cells / "blast" / "list.txt").write_text("x")
    with pytest.raises(UserError, match=r"class folder 'blast' in cells holds no images.*remove the folder"):
        load(cells)


def test_two_links_to_one_folder_are_read_once_and_said(cells: Path, tmp_path: Path) -> None:
    fill(tmp_path / "elsewhere", {"1.png": 21, "2.png": 22})
    os.symlink(tmp_path / "elsewhere", cells / "d")
    os.symlink(tmp_path / "elsewhere", cells / "e")
    os.symlink(cells / "a", cells / "0 is a")
    data = load(cells)
    # A folder under its own name goes before a link to it, whatever comes first in the alphabet.
    assert data.class_names == ("a", "b", "c", "d")
    assert data.labels.tolist() == [0, 1, 1, 2, 3, 3]
    assert dict(data.skipped)["e/"] == "a link to a folder that is read already, as 'd'"
    assert dict(data.skipped)["0 is a/"] == "a link to a folder that is read already, as 'a'"


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_names_that_are_no_utf_8_can_be_shown_and_told_apart(tmp_path: Path) -> None:
    root = tmp_path / "x"
    for name in (b"caf\xe9", b"caf\xe8"):
        place = os.path.join(os.fsencode(root), name)
        os.makedirs(place)
        Image.fromarray(image(name[3])).save(os.fsdecode(place) + "/1.png")
    (root / os.fsdecode(b"caf\xe9") / os.fsdecode(b"not\xff.txt")).write_text("x")
    data = load(root)
    assert data.class_names == (r"caf\xe8", r"caf\xe9")
    assert dict(data.skipped) == {r"caf\xe9/not\xff.txt": "no image file (jpg, png, bmp, tif or webp)"}
    assert load(root).fingerprint == data.fingerprint
    moved = root.rename(os.fsdecode(os.fsencode(tmp_path) + b"/sm\xffear"))
    assert load(moved).source == r"sm\xffear"
    assert load(load(moved).location).fingerprint == data.fingerprint


def test_masks_are_told_from_photographs_by_their_colours(tmp_path: Path) -> None:
    """The usual photograph is the .bmp; where that one is drawn, it is the mask."""
    root = tmp_path / "x"
    drawn = np.zeros((12, 10, 3), np.uint8)
    drawn[3:8, 3:8] = 255
    for number in range(3):
        for name, photo, mask in (("a", "bmp", "png"), ("b", "png", "bmp")):
            (root / name).mkdir(parents=True, exist_ok=True)
            Image.fromarray(image(number + ord(name))).save(root / name / f"{number}.{photo}")
            Image.fromarray(drawn).save(root / name / f"{number}.{mask}")
    # The formats are judged together, so in a folder of their own.
    for name, photo in (("a", "bmp"), ("b", "png")):
        alone = tmp_path / f"only {name}"
        shutil.copytree(root / name, alone / name)
        data = load(alone, preprocessing="none")
        assert len(data) == 3
        assert all(file.endswith(("png", "bmp")) and not file.endswith(photo) for file, _ in data.skipped)
        assert "3 files look like masks" in " ".join(data.notes)
        assert len(load(alone, layout="auto+masks")) == 6


def test_a_folder_that_changes_while_it_is_read_is_not_kept(
    cells: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bcc.datasets.cache import open_or_convert

    real = open_or_convert.convert

    def convert(*arguments: Any) -> Any:
        made = real(*arguments)
        (cells / "a" / "x.tif").unlink()
        return made

    with monkeypatch.context() as patch:
        patch.setattr(open_or_convert, "convert", convert)
        with pytest.raises(UserError, match=r"^cells changed while it was read, and nothing was saved"):
            load(cells)
    assert cached_sets() == []


def test_a_folder_kept_by_an_earlier_version_is_read_anew_and_keeps_its_mark(cells: Path) -> None:
    """The rules were others then, so its entry in the index is not believed; its story is completed."""
    (cells / "notes").mkdir()
    data = rename_classes(load(cells), "x,y,z")
    meta = json.loads((data.folder / "meta.json").read_text())
    for key in ("notes", "layout"):
        meta.pop(key)
    (data.folder / "meta.json").write_text(json.dumps(meta))
    for entry in (data.folder.parent / "index").glob("*.json"):
        entry.unlink()
    assert load(cells).fingerprint == data.fingerprint
    again = open_cached(data.fingerprint)
    assert again.class_names == ("x", "y", "z")
    assert again.notes == ("Folders without images of the set are left out: notes.",)


def test_a_class_of_corrupt_images_is_refused(cells: Path) -> None:
    (cells / "c" / "y.tiff").write_bytes(b"nothing")
    with pytest.raises(UserError, match="No image of the class 'c' in cells can be read"):
        load(cells)


def test_nothing_but_corrupt_images_is_refused(tmp_path: Path) -> None:
    root = fill(tmp_path / "x", {"a/1.png": 1})
    (root / "a" / "1.png").write_bytes(b"nothing")
    with pytest.raises(UserError, match=r"No image in x can be read; the first, a/1.png: no jpg"):
        load(root)


def test_images_without_class_folders_have_no_labels(tmp_path: Path) -> None:
    flat = load(fill(tmp_path / "x", {"1.png": 1, "2.png": 2}))
    assert flat.class_names == ("unlabelled",)
    assert flat.notes[0].startswith("x has no class folders: its 2 images are taken as images without labels")


def test_a_folder_without_images_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="empty holds no images; make one folder per class"):
        load(tmp_path / "empty")


def test_several_sizes_need_a_preprocessing(cells: Path) -> None:
    fill(cells, {"c/z.png": 5}, height=20, width=20)
    with pytest.raises(UserError, match=r"cells differ in size \(10 x 12 and 20 x 20 px\).*resize:96"):
        load(cells, preprocessing="none")
    assert len(load(cells, preprocessing="resize:16")) == 5


def test_several_sizes_in_different_pieces_are_noticed(cells: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bcc.datasets.folders.image_files.PIECE_BYTES", 1)
    fill(cells, {"c/z.png": 5}, height=20, width=20)
    with pytest.raises(UserError, match=r"cells differ in size \(10 x 12 and 20 x 20 px\).*resize:96"):
        load(cells, preprocessing="none")


def test_many_pieces_make_one_set(cells: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = load(cells)
    monkeypatch.setattr("bcc.datasets.folders.image_files.PIECE_BYTES", 1)
    shutil.copytree(cells, tmp_path / "copy")
    assert load(tmp_path / "copy").fingerprint == whole.fingerprint


def test_numbered_folders_are_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    root = fill(tmp_path / "x", {f"{number}/1.png": number for number in range(1, 13)})
    data = load(root, classes=[f"kind {number}" for number in range(1, 13)])
    assert data.given_names == tuple(str(number) for number in range(1, 13))
    assert (data.images[10] == data.preprocessing.apply(image(11))).all()
    assert data.class_names[data.labels[10]] == "kind 11"


def test_names_must_be_as_many_as_the_folders(cells: Path) -> None:
    assert load(cells, classes="x,y,z").class_names == ("x", "y", "z")
    with pytest.raises(UserError, match="8 names, but the set has the 3 classes a, b, c"):
        load(cells, classes=CLASS_PRESETS["pbc"])


def test_a_changed_folder_is_converted_again(cells: Path) -> None:
    before = load(cells)
    fill(cells, {"a/new.png": 8})
    after = load(cells)
    assert len(after) == 5
    Image.fromarray(image(77)).save(cells / "a" / "new.png")
    assert load(cells).fingerprint not in (before.fingerprint, after.fingerprint)
    (cells / "a" / "new.png").unlink()
    assert load(cells).fingerprint == before.fingerprint


def test_a_folder_seg_is_a_class_where_its_images_are_photographs(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (2, 3, 16, 16, 3), np.uint8)
    for around, seg in (("photographs", noise[0]), ("masks", noise[0] // 128 * 255 * [1, 0, 0])):
        for name, images in (("seg", seg), ("lymphocyte", noise[1])):
            folder = tmp_path / around / name
            folder.mkdir(parents=True)
            for number, image in enumerate(images):
                Image.fromarray(image.astype(np.uint8)).save(folder / f"{number}.png")
    assert load(tmp_path / "photographs").class_names == ("lymphocyte", "seg")
    assert load(tmp_path / "masks").class_names == ("lymphocyte",)
