"""The Data page: opening sets, numbers about them, the gallery."""

from __future__ import annotations

import base64
import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bcc.datasets import Dataset, Selection, load, rename_classes
from pages.parts.widgets import gallery


def test_numbers_of_the_set(open_page: Callable, tiny_npz: Callable[..., Path], data_folder: Path) -> None:
    with np.load(tiny_npz(rows=100, classes=4)) as arrays:
        images = arrays["images"].copy()
    images[7] = images[3]
    dataset = load(tiny_npz(data_folder / "copies.npz", rows=100, classes=4, images=images))
    app = open_page("data", data=dataset.fingerprint)
    shown = {metric.label: metric.value for metric in app.metric}
    assert shown["Images"] == "100"
    assert shown["Classes"] == "4"
    assert shown["Size"] == "32 px"
    assert shown["Imbalance"] == "1.00"
    assert shown["Exact copies"] == "1"
    table = next(frame.value for frame in app.dataframe if "class_weight" in frame.value)
    assert table["count"].sum() == 100
    assert table["left out"].sum() == 1
    assert np.isclose((table["train"] * table["class_weight"]).sum(), table["train"].sum())


def test_gallery_pages_through_a_class(open_page: Callable, tiny: Dataset, html: Callable) -> None:
    app = open_page("data", data=tiny.fingerprint)
    assert len(re.findall("<img ", html(app))) == 48
    app.pagination(key="page").set_value(3).run()
    assert [int(row) for row in re.findall(r">row (\d+)<", html(app))] == list(range(96, 120))
    app.selectbox(key="class").set_value("class 1").run()
    assert [int(row) for row in re.findall(r">row (\d+)<", html(app))] == list(range(1, 120, 4))


def test_bad_path_is_one_sentence(open_page: Callable, tiny: Dataset, texts: Callable) -> None:
    app = open_page("data", data=tiny.fingerprint)
    app.text_input(key="open_path").set_value("nothing/here.npz")
    app.button(key="open_path_button").click().run()
    assert not app.exception
    assert len(app.error) == 1
    assert "nothing/here.npz" in texts(app.error)
    assert app.metric, "the chosen set is still shown"


def test_a_path_opens_but_never_reaches_the_address(
    open_page: Callable, tiny: Dataset, tiny_npz: Callable[..., Path], tmp_path: Path
) -> None:
    path = tiny_npz(tmp_path / "other.npz", rows=40, classes=2, seed=5)
    app = open_page("data", data=tiny.fingerprint)
    app.text_input(key="open_path").set_value(str(path))
    app.button(key="open_path_button").click().run()
    assert app.query_params == {"data": load(path).fingerprint}


def test_an_upload_is_kept_and_opened(open_page: Callable, tiny: Dataset, data_folder: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, blue in (("a", 90), ("b", 20)):
            for number in range(6):
                image = io.BytesIO()
                Image.new("RGB", (40, 40), (200, 20 * number, blue)).save(image, "PNG")
                archive.writestr(f"cells/{name}/{number}.png", image.getvalue())
    app = open_page("data", data=tiny.fingerprint)
    app.file_uploader(key="open_upload").upload("my cells.zip", packed.getvalue(), "application/zip")
    app.selectbox(key="open_kind_upload").set_value("none").run()
    app.button(key="open_upload_button").click().run()
    assert not app.exception
    assert not app.error
    (kept,) = (data_folder / "uploads").glob("*/my cells.zip")
    assert kept.read_bytes() == packed.getvalue()
    assert load(app.query_params["data"]).image_shape == (40, 40)


def folds(root: Path) -> Path:
    for number, name in enumerate(("fold_0/a", "fold_0/b", "fold_1/a", "fold_1/b")):
        (root / name).mkdir(parents=True)
        for more in range(6):
            Image.new("RGB", (40, 40), (200, 20 * more, 40 * number)).save(root / name / f"{more}.png")
    return root


def test_unclear_folders_are_asked_and_the_answer_opens_them(
    open_page: Callable, tiny: Dataset, texts: Callable, tmp_path: Path
) -> None:
    app = open_page("data", data=tiny.fingerprint)
    app.text_input(key="open_path").set_value(str(folds(tmp_path / "cells")))
    app.button(key="open_path_button").click().run()
    assert not app.error
    assert "fold_0, fold_1 all hold folders of the same names (a, b)" in texts(app.warning)
    assert app.button(key="open_question_button").disabled
    app.radio(key="open_question_answer").set_value("group/class").run()
    app.button(key="open_question_button").click().run()
    assert not app.exception
    opened = load(app.query_params["data"])
    assert (opened.class_names, len(opened), opened.layout) == (("a", "b"), 24, "group/class")
    assert not [one for one in app.warning if "fold_0" in one.value]


def test_a_layout_can_be_said_beforehand(open_page: Callable, tiny: Dataset, tmp_path: Path) -> None:
    app = open_page("data", data=tiny.fingerprint)
    app.text_input(key="open_path").set_value(str(folds(tmp_path / "cells")))
    app.selectbox(key="open_layout_path").set_value("class")
    app.checkbox(key="open_masks_path").check()
    app.button(key="open_path_button").click().run()
    opened = load(app.query_params["data"])
    assert (opened.class_names, opened.layout) == (("fold_0", "fold_1"), "class+masks")


def test_what_was_assumed_is_on_the_page(
    open_page: Callable, tiny: Dataset, texts: Callable, tmp_path: Path
) -> None:
    root = folds(tmp_path / "cells")
    (root / "fold_0").rename(root / "train")
    (root / "fold_1").rename(root / "unlabeled")
    (root / "Annotations").mkdir()
    app = open_page("data", data=load(root).fingerprint)
    assert "train from 'train' (12 images)" in texts(app.info)
    assert "The folder 'unlabeled' is left out with its 12 images" in texts(app.info)
    skipped = next(frame.value for frame in app.dataframe if "why" in frame.value)
    assert skipped["file"].tolist() == ["Annotations/", "unlabeled/"]


def test_the_way_back_to_the_names_of_the_set(
    open_page: Callable, tiny_npz: Callable[..., Path], tmp_path: Path, texts: Callable
) -> None:
    names = np.array(["one", "two"])
    dataset = rename_classes(load(tiny_npz(tmp_path / "x.npz", rows=40, classes=2, class_names=names)), "a,b")
    app = open_page("data", data=dataset.fingerprint)
    assert "'a' (was 'one'), 'b' (was 'two')" in texts(app.info)
    app.button(key="open_names_button").click().run()
    assert load(dataset.fingerprint).class_names == ("one", "two")
    assert app.button(key="open_names_button").disabled
    # A list in another order is refused, where the set has names of its own.
    app.selectbox(key="open_names").set_value("my own list").run()
    app.text_input(key="open_own_names").set_value("two, one").run()
    app.button(key="open_names_button").click().run()
    assert "puts 'two' on the class that the set calls 'one'" in texts(app.error)


def test_naming_the_classes(open_page: Callable, tiny: Dataset) -> None:
    app = open_page("data", data=tiny.fingerprint)
    app.selectbox(key="open_names").set_value("my own list").run()
    app.text_input(key="open_own_names").set_value("a, b, c, d").run()
    app.button(key="open_names_button").click().run()
    assert load(tiny.fingerprint).class_names == ("a", "b", "c", "d")
    assert app.selectbox(key="class").options[1:] == ["a", "b", "c", "d"]


def test_names_from_a_file_are_shown_and_not_obeyed(
    open_page: Callable, tiny: Dataset, html: Callable
) -> None:
    rename_classes(tiny, ["<img src=x onerror=alert(1)>", "b", "c", "d"])
    app = open_page("data", data=tiny.fingerprint)
    assert not app.exception
    assert "<img src=x" not in html(app)
    assert "&lt;img src=x" in html(app)


@pytest.mark.parametrize("shape", [(360, 363, 3), (28, 28, 3)])
def test_images_travel_no_larger_than_they_are_shown(shape: tuple[int, int, int]) -> None:
    uri = gallery.image_uri(np.zeros(shape, np.uint8))
    image = Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2])))
    assert max(image.size) == min(max(shape), gallery.LARGEST)


def test_images_are_chosen_by_a_column(
    open_page: Callable, tiny_npz: Callable[..., Path], data_folder: Path, html: Callable
) -> None:
    patients = np.array([f"P{row % 3}" for row in range(24)])
    dataset = load(tiny_npz(data_folder / "patients.npz", rows=24, classes=4, patient=patients))
    app = open_page("data", data=dataset.fingerprint)
    app.selectbox(key="data_column").set_value("patient").run()
    app.selectbox(key="data_value:patient").set_value("P1").run()
    assert not app.exception
    assert html(app).count("<img") == 8
    assert "row 4<" in html(app)
    assert "row 5<" not in html(app)


def test_only_changed_labels_are_marked_and_a_renamed_class_is_none(
    open_page: Callable, tiny: Dataset, html: Callable
) -> None:
    selection = Selection.of(tiny)
    labels = selection.labels.rename_class(tiny, tiny.class_names[0], "azure")
    selection.with_labels(tiny, labels).relabel(tiny, [1], "azure").save("mine")
    shown = html(open_page("data", data=tiny.fingerprint))
    assert shown.count("azure<i>") > 1
    assert shown.count("changed") == 1
