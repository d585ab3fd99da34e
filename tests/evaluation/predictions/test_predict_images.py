"""New images without classes are predicted wherever they lie, and every answer names its file."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from bcc.datasets import load
from bcc.errors import UserError
from bcc.evaluation.predictions.predict_images import predict
from bcc.runs import Run

ROWS = range(8)


@pytest.fixture
def run(finished_run_folder: Path, monkeypatch: pytest.MonkeyPatch, _predictor: Any) -> Run:
    # The model is loaded once for all tests.
    monkeypatch.setattr("bcc.evaluation.predictions.predict_images.load_predictor", lambda run: _predictor)
    return Run(finished_run_folder)


@pytest.fixture(scope="module")
def _predictor(finished_run_folder: Path) -> Any:
    from bcc.evaluation.predictions.predict_rows import load_predictor

    return load_predictor(Run(finished_run_folder))


@pytest.fixture
def images(learned_npz: Path) -> np.ndarray:
    return load(learned_npz).images[list(ROWS)]


@pytest.fixture
def flat(images: np.ndarray, tmp_path: Path) -> Path:
    """Eight images of the run's own in a folder, and things that are none."""
    folder = tmp_path / "new"
    folder.mkdir()
    for row in ROWS:
        Image.fromarray(images[row]).save(folder / f"cell {row}.png")
    (folder / "notes.txt").write_text("x")
    (folder / "cut.jpg").write_bytes(b"x")
    (folder / ".hidden.png").write_bytes(b"x")
    return folder


def same(run: Run, learned_npz: Path, sources: list[str], names: list[str]) -> bool:
    """Whether the answers are those about the first rows of the run's own set, under these names."""
    wanted = predict(run, [str(learned_npz)])
    found = predict(run, sources)
    assert wanted.files is None
    assert list(wanted.frame())[:3] == ["index", "warning", "predicted"]
    assert list(found.frame())[:4] == ["index", "file", "warning", "predicted"]
    assert list(found.files or ()) == names
    return bool(np.abs(found.probabilities - wanted.probabilities[: len(names)]).max() < 1e-5)


def test_a_flat_folder(run: Run, learned_npz: Path, flat: Path) -> None:
    assert same(run, learned_npz, [str(flat)], [f"cell {row}.png" for row in ROWS])
    assert predict(run, [str(flat)]).skipped == (
        ("notes.txt", "no image file (jpg, png, bmp, tif or webp)"),
        ("cut.jpg", "no jpg, png, bmp, tif or webp image"),
    )


def test_single_files_in_their_order(run: Run, learned_npz: Path, flat: Path) -> None:
    files = [str(flat / f"cell {row}.png") for row in (0, 1, 2)]
    assert same(run, learned_npz, files[:1], files[:1])
    assert same(run, learned_npz, files, files)
    assert same(run, learned_npz, [*files, files[0], str(flat / "." / "cell 1.png")], files), "each once"


def test_patterns(run: Run, learned_npz: Path, flat: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(flat.parent)
    assert same(run, learned_npz, ["new/cell [0-3].png"], [f"new/cell {row}.png" for row in range(4)])
    assert same(run, learned_npz, ["**/cell ?.png"], [f"new/cell {row}.png" for row in ROWS])
    assert same(run, learned_npz, [str(flat / "*.png")], [str(flat / f"cell {row}.png") for row in ROWS])
    assert "new/notes.txt" in dict(predict(run, ["new/*"]).skipped)


def test_a_file_whose_name_looks_like_a_pattern(run: Run, learned_npz: Path, flat: Path) -> None:
    (flat / "cell 0.png").rename(flat / "[*].png")
    assert same(run, learned_npz, [str(flat / "[*].png")], [str(flat / "[*].png")])


def test_a_flat_zip_and_one_with_classes(run: Run, learned_npz: Path, flat: Path, tmp_path: Path) -> None:
    for name, inside in (("flat.zip", ""), ("classes.zip", "blue/")):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            for row in ROWS:
                archive.write(flat / f"cell {row}.png", f"{inside}cell {row}.png")
    names = [f"cell {row}.png" for row in ROWS]
    assert same(run, learned_npz, [str(tmp_path / "flat.zip")], names)
    assert predict(run, [str(tmp_path / "classes.zip")]).files == tuple(f"blue/{name}" for name in names)


def test_a_folder_with_images_at_several_depths(run: Run, learned_npz: Path, flat: Path) -> None:
    (flat / "more" / "and more").mkdir(parents=True)
    shutil.move(flat / "cell 7.png", flat / "more" / "and more" / "cell 7.png")
    names = [*(f"cell {row}.png" for row in range(7)), "more/and more/cell 7.png"]
    assert same(run, learned_npz, [str(flat)], names)


def test_what_is_no_set_is_taken_as_images_and_said(run: Run, flat: Path) -> None:
    (flat / "empty").mkdir()
    (flat / "cells").mkdir()
    for path in flat.glob("*.png"):
        shutil.move(path, flat / "cells" / path.name)
    (flat / "empty" / "readme.md").write_text("x")
    found = predict(run, [str(flat)], None, None)
    assert found.files == tuple(f"cells/cell {row}.png" for row in ROWS)


def test_several_sources_say_which_file_is_whose(run: Run, flat: Path, tmp_path: Path) -> None:
    other = shutil.copytree(flat, tmp_path / "other")
    files = predict(run, [str(flat), str(other)]).files
    assert files == tuple(f"{place}/cell {row}.png" for place in (flat, other) for row in ROWS)


def test_a_folder_of_classes_is_a_set_as_before(run: Run, flat: Path, tmp_path: Path) -> None:
    for row in ROWS:
        place = tmp_path / "cells" / ("blue", "amber")[row % 2] / f"{row}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(flat / f"cell {row}.png", place)
    found = predict(run, [str(tmp_path / "cells")])
    assert found.files == load(tmp_path / "cells").files
    np.testing.assert_array_equal(found.frame()["index"], np.arange(8))


def test_deep_images_are_scaled_together(run: Run, images: np.ndarray, tmp_path: Path) -> None:
    import cv2

    for row in ROWS:
        cv2.imwrite(str(tmp_path / f"{row}.png"), images[row][..., ::-1].astype(np.uint16) * 16)
    found = predict(run, [str(tmp_path)])
    assert found.notes == ("8 of the images: 12-bit data scaled to 8 bits (4,095 becomes 255).",)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("nowhere.png", "is not there"),
        ("nothing/*.png", "matches no file"),
        ("notes.txt", "is no image|no dataset"),
        ("cut.jpg", "No image can be read; the first, .*cut.jpg: no jpg"),
        ("*.txt", "holds no image|is no image"),
        ("sub", "no image"),
        ("", "There is no dataset|empty path"),
        ("a\0b", "There is no dataset|empty path"),
    ],
)
def test_what_cannot_be_predicted(
    run: Run, flat: Path, source: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (flat / "sub").mkdir()
    monkeypatch.chdir(flat)
    with pytest.raises(UserError, match=reason):
        predict(run, [source])


def test_new_images_have_no_classes_to_name(run: Run, flat: Path) -> None:
    with pytest.raises(UserError, match="new images have none"):
        predict(run, [str(flat)], classes="pbc")
