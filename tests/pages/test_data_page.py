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

from bcc.datasets import Dataset, load, rename_classes
from pages.parts import gallery


def test_numbers_of_the_set(open_page: Callable, tiny_npz: Callable[..., Path], data_folder: Path) -> None:
    with np.load(tiny_npz(rows=100, classes=4)) as arrays:
        images = arrays["images"].copy()
    images[7] = images[3]
    dataset = load(tiny_npz(data_folder / "copies.npz", rows=100, classes=4, images=images))
    app = open_page("data", data=dataset.fingerprint)
    shown = {metric.label: metric.value for metric in app.metric}
    assert shown["Pictures"] == "100"
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
                picture = io.BytesIO()
                Image.new("RGB", (40, 40), (200, 20 * number, blue)).save(picture, "PNG")
                archive.writestr(f"cells/{name}/{number}.png", picture.getvalue())
    app = open_page("data", data=tiny.fingerprint)
    app.file_uploader(key="open_upload").upload("my cells.zip", packed.getvalue(), "application/zip")
    app.selectbox(key="open_kind_upload").set_value("none").run()
    app.button(key="open_upload_button").click().run()
    assert not app.exception
    assert not app.error
    (kept,) = (data_folder / "uploads").glob("*/my cells.zip")
    assert kept.read_bytes() == packed.getvalue()
    assert load(app.query_params["data"]).picture_size == (40, 40)


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
def test_pictures_travel_no_larger_than_they_are_shown(shape: tuple[int, int, int]) -> None:
    uri = gallery.picture_uri(np.zeros(shape, np.uint8))
    picture = Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2])))
    assert max(picture.size) == min(max(shape), gallery.LARGEST)
