from __future__ import annotations

import io
import os
import sys
import types
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from bcc.datasets import CLASS_PRESETS, Preprocessing, SourceMark, cached_sets, load, mark, open_cached
from bcc.datasets.cache import open_or_convert
from bcc.errors import UserError


def test_a_mark_tells_whether_a_source_has_changed(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    file = tmp_path / "cells.npz"

    def write(images: np.ndarray, at: float) -> None:
        np.savez(file, images=images, labels=np.arange(6) % 2)
        os.utime(file, (at, at))

    images = rng.integers(0, 256, (6, 8, 8, 3), np.uint8)
    write(images, 1e9)
    unread = mark(str(file))
    assert unread is not None
    assert unread.fingerprint == ""
    fingerprint = load(file).fingerprint
    read = mark(str(file))
    assert read is not None
    assert (read.stamp, read.fingerprint) == (unread.stamp, fingerprint)
    # Written once more with the same images: known by them where they were known, else in doubt.
    write(images, 2e9)
    now = SourceMark(mark(str(file)).stamp, load(file).fingerprint)  # type: ignore[union-attr]
    assert read.change(now, "cells.npz") == ""
    assert "'cells.npz' was written to since" in unread.change(now, "cells.npz")
    write(255 - images, 3e9)
    now = SourceMark(mark(str(file)).stamp, load(file).fingerprint)  # type: ignore[union-attr]
    assert "'cells.npz' has changed since" in read.change(now, "cells.npz")


def test_a_mark_of_a_folder_follows_its_files(tmp_path: Path) -> None:
    for name in "AB":
        (tmp_path / "cells" / name).mkdir(parents=True)
        Image.new("RGB", (20, 20)).save(tmp_path / "cells" / name / "1.png")
    before = mark(str(tmp_path / "cells"))
    assert mark(str(tmp_path / "cells")) == before
    assert mark(str(tmp_path / "cells"), layout="class") != before
    Image.new("RGB", (20, 20)).save(tmp_path / "cells" / "A" / "2.png")
    assert mark(str(tmp_path / "cells")) != before


@pytest.mark.parametrize("source", ["synthetic", "bloodmnist:28", "0123456789abcdef", "not-there", ""])
def test_what_cannot_change_or_is_not_there_has_no_mark(source: str) -> None:
    assert mark(source) is None


@pytest.fixture
def painter(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """A painter that is quick and counts its sets."""
    module = types.ModuleType("bcc.datasets.synthetic")
    painted: list[bool] = []

    def paint_set(faults: bool, progress: Any) -> Any:
        painted.append(faults)
        progress(0.5, "Painting")
        rng = np.random.default_rng(len(painted))
        masks = np.zeros((6, 24, 24), bool)
        masks[:, 6:18, 6:18] = True
        return types.SimpleNamespace(
            images=rng.integers(0, 256, (6, 24, 24, 3), np.uint8),
            labels=np.arange(6) % 3,
            nucleus_masks=masks,
            cell_masks=~masks,
            truth=pd.DataFrame({"row": range(6), "fault": ["", "blurred"] * 3}),
        )

    vars(module).update(paint_set=paint_set, CLASS_NAMES=("a", "b", "c"), PAINTER_VERSION=1, painted=painted)
    monkeypatch.setitem(sys.modules, "bcc.datasets.synthetic", module)
    monkeypatch.setattr("bcc.datasets.synthetic", module, raising=False)
    return module


def test_the_painted_set_is_painted_once(painter: types.ModuleType) -> None:
    told: list[float] = []
    data = load("synthetic", progress=lambda share, text: told.append(share))
    again = load("synthetic")
    assert painter.painted == [True]
    assert told == sorted(told)
    assert data.fingerprint == again.fingerprint
    assert (data.source, data.location, data.is_synthetic) == ("synthetic", "synthetic", True)
    assert data.class_names == ("a", "b", "c")
    assert open_cached(data.fingerprint).is_synthetic
    assert np.load(data.folder / "nucleus_masks.npy").shape == (6, 24, 24)
    assert np.load(data.folder / "cell_masks.npy").dtype == bool
    truth = pd.read_csv(data.folder / "truth.csv", keep_default_na=False)
    assert truth["fault"].tolist() == ["", "blurred"] * 3


def test_a_newer_painter_paints_again(painter: types.ModuleType) -> None:
    load("synthetic-clean")
    vars(painter)["PAINTER_VERSION"] = 2
    load("synthetic-clean")
    assert painter.painted == [False, False]


def test_masks_are_preprocessed_with_their_images(painter: types.ModuleType) -> None:
    data = load("synthetic", preprocessing="resize:12")
    assert data.images.shape == (6, 12, 12, 3)
    masks = np.load(data.folder / "nucleus_masks.npy")
    assert masks.dtype == bool
    expected = np.zeros((12, 12), bool)
    expected[3:9, 3:9] = True
    assert (masks == expected).all()


def test_a_file_of_the_same_pixels_takes_nothing_from_the_painted_set(
    painter: types.ModuleType, tmp_path: Path
) -> None:
    # Whichever of the two comes first, masks and name are there.
    for order in ("painted first", "file first"):
        vars(painter)["PAINTER_VERSION"] += 1
        if order == "painted first":
            painted = load("synthetic")
        else:
            pixels = np.random.default_rng(2).integers(0, 256, (6, 24, 24, 3), np.uint8)
            np.savez(tmp_path / "first.npz", images=pixels, labels=np.arange(6) % 3)
            first = load(tmp_path / "first.npz")
            painted = load("synthetic")
            assert painted.fingerprint == first.fingerprint
        np.savez(tmp_path / f"{order}.npz", images=painted.images, labels=painted.labels)
        same = load(tmp_path / f"{order}.npz")
        assert same.fingerprint == painted.fingerprint
        assert not same.is_synthetic
        assert load("synthetic").is_synthetic
        assert open_cached(painted.fingerprint).is_synthetic
        assert (painted.folder / "nucleus_masks.npy").exists()


def test_the_real_painter_fits() -> None:
    """The names that the loader relies on exist; painting itself is tested with the painter."""
    import inspect

    from bcc.datasets.synthetic import CLASS_NAMES, paint_set

    assert tuple(CLASS_NAMES) == CLASS_PRESETS["pbc"]
    assert {"faults", "progress"} <= set(inspect.signature(paint_set).parameters)


def test_only_the_built_in_sets_are_synthetic(tmp_path: Path, tiny_npz: Any) -> None:
    assert not load(tiny_npz(tmp_path / "synthetic.npz", rows=8)).is_synthetic


def test_a_relative_path_is_tried_here_and_in_the_data_folder(
    tiny_npz: Any, tmp_path: Path, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    tiny_npz(data_folder / "cells.npz", rows=16)
    assert len(load("cells.npz")) == 16
    assert load("cells.npz").location == str(data_folder / "cells.npz")
    tiny_npz(tmp_path / "cells.npz", rows=8)
    assert len(load("cells.npz")) == 8
    assert len(load(Path("cells.npz"))) == 8


def test_a_fingerprint_is_a_source(tiny_npz: Any, tmp_path: Path) -> None:
    data = load(tiny_npz(tmp_path / "cells.npz", rows=8, classes=2))
    again = load(data.fingerprint, preprocessing="none")
    assert again.fingerprint == data.fingerprint
    assert again.location == data.location
    assert load(data.fingerprint, classes="x,y").class_names == ("x", "y")
    with pytest.raises(UserError, match=r"was made with preprocessing none; load it from .*cells.npz"):
        load(data.fingerprint, preprocessing="resize:8")


@pytest.mark.parametrize(
    "source",
    [
        "nowhere.npz",
        "0" * 16,
        "",
        "   ",
        "a\0b",
        "x" * 5000,
        "~nobody-of-this-name/x.npz",
        "caf\udce9",
        "\ud800.npz",
    ],
)
def test_an_unknown_source_says_what_is_possible(source: str) -> None:
    with pytest.raises(
        UserError, match=r"There is no dataset .*npz.*folder.*zip.*synthetic.*bloodmnist.*fingerpr"
    ) as caught:
        load(source)
    # It can be shown anywhere, and ends.
    assert len(str(caught.value).encode()) < 400
    assert cached_sets() == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes")
@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", ["pipe.npz", "pipe.zip", "pipe"])
def test_a_pipe_is_no_data_set(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / name)
    with pytest.raises(UserError, match=f"{name} is no dataset; give a .npz file"):
        load(tmp_path / name)


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
@pytest.mark.parametrize("suffix", [".npz", ".zip"])
def test_a_file_whose_name_is_no_utf_8_opens(tiny_npz: Any, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9" + suffix.encode())
    if suffix == ".npz":
        tiny_npz(path, rows=8)
    else:
        with zipfile.ZipFile(path, "w") as archive:
            for name in ("a/1.png", "b/1.png"):
                image = io.BytesIO()
                Image.new("RGB", (9, 9), (len(name), 0, ord(name[0]))).save(image, "PNG")
                archive.writestr(name, image.getvalue())
    data = load(path)
    assert data.source == rf"caf\xe9{suffix}"
    assert load(data.location).fingerprint == data.fingerprint
    assert open_cached(data.fingerprint).location == str(path)


def test_a_layout_is_for_folders(tiny_npz: Any, tmp_path: Path) -> None:
    path = tiny_npz(tmp_path / "cells.npz", rows=8)
    for source in (path, "bloodmnist", "synthetic-clean"):
        with pytest.raises(UserError, match="has no folders, so that a layout says nothing"):
            load(source, layout="class")
    fingerprint = load(path).fingerprint
    with pytest.raises(UserError, match=r"was not read with the layout class; load it from .*cells.npz"):
        load(fingerprint, layout="class")


def test_a_file_that_changes_while_it_is_read_is_not_kept(
    tiny_npz: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tiny_npz(tmp_path / "cells.npz", rows=8)
    real = open_or_convert.convert

    def convert(*arguments: Any) -> Any:
        made = real(*arguments)
        os.utime(path, ns=(1, 1))
        return made

    with monkeypatch.context() as patch:
        patch.setattr(open_or_convert, "convert", convert)
        with pytest.raises(UserError, match=r"^cells.npz changed while it was read, and nothing was saved"):
            load(path)
        patch.setattr(open_or_convert, "convert", lambda *arguments: path.unlink() or real(*arguments))
        with pytest.raises(UserError, match=r"^cells.npz cannot be read \(No such file or directory\)"):
            load(path)
    assert cached_sets() == []


def test_a_file_of_another_kind_says_what_is_possible(tmp_path: Path) -> None:
    (tmp_path / "cells.csv").write_text("x")
    with pytest.raises(UserError, match=r"cells.csv is no dataset; give a .npz file"):
        load(tmp_path / "cells.csv")


def test_a_recipe_may_be_a_spec_or_a_text(tiny_npz: Any, tmp_path: Path) -> None:
    path = tiny_npz(tmp_path / "cells.npz", rows=8)
    spec = Preprocessing(kind="resize", size=16)
    assert load(path, preprocessing=spec).fingerprint == load(path, preprocessing="resize:16").fingerprint
    with pytest.raises(UserError, match="Preprocessing 'big' is unknown"):
        load(path, preprocessing="big")


@pytest.fixture
def bloodmnist(data_folder: Path) -> Path:
    """A file where the download would put it."""
    (data_folder / "downloads").mkdir()
    path = data_folder / "downloads" / "bloodmnist_64.npz"
    rng = np.random.default_rng(0)
    parts: dict[str, Any] = {}
    for side in ("train", "val", "test"):
        parts[f"{side}_images"] = rng.integers(0, 256, (8, 5, 5, 3), np.uint8)
        parts[f"{side}_labels"] = np.arange(8)[:, None].astype(np.uint8)
    np.savez(path, **parts)
    return path


def test_bloodmnist_that_is_there_is_not_downloaded(bloodmnist: Path, data_folder: Path) -> None:
    data = load("bloodmnist")
    assert (data.source, data.location) == ("bloodmnist:64", "bloodmnist:64")
    assert data.class_names == CLASS_PRESETS["pbc"]
    assert data.split is not None
    assert np.bincount(data.split).tolist() == [8, 8, 8]
    bloodmnist.rename(data_folder / "bloodmnist_64.npz")
    assert load("bloodmnist:64").fingerprint == data.fingerprint


def test_bloodmnist_of_no_such_size_is_refused() -> None:
    for name in ("bloodmnist:96", "bloodmnist:big", "bloodmnist: 64"):
        with pytest.raises(UserError, match="28, 64, 128 and 224"):
            load(name)
