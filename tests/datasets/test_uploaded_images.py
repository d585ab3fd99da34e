from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest
from PIL import Image

from bcc.datasets import Preprocessing
from bcc.datasets.uploaded_images import UploadedImage, preprocessed_for_run, read_uploaded
from bcc.errors import UserError


def coded(size: tuple[int, int] = (30, 20), kind: str = "PNG", mode: str = "RGB", **more: object) -> bytes:
    file = io.BytesIO()
    Image.new(mode, size, (200, 30, 60, 0)[: len(mode)]).save(file, kind, **more)
    return file.getvalue()


def zipped(files: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    file.seek(0)
    return file


def read(**files: bytes) -> list[UploadedImage]:
    return read_uploaded([(name.replace("_", "."), io.BytesIO(data)) for name, data in files.items()])


def test_images_of_all_kinds_and_what_is_none() -> None:
    animated = io.BytesIO()
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "blue")]
    frames[0].save(animated, "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    good, cmyk, moving, small, text, cut = read(
        a_png=coded(), b_jpg=coded(kind="JPEG", mode="CMYK"), c_webp=animated.getvalue(),
        d_png=coded((20, 20)), e_jpg=b"no image at all", f_png=coded((200, 200))[:60],
    )  # fmt: skip
    assert good.image is not None
    assert good.image.shape == (20, 30, 3)
    assert cmyk.image is not None
    assert cmyk.image.shape == (20, 30, 3)
    assert moving.image is not None
    assert moving.image[0, 0].tolist() == [255, 0, 0], "the first of an animation"
    assert small.image is not None
    assert (text.image, text.problem) == (None, "no jpg, png, bmp, tif or webp image")
    assert (cut.image, cut.problem) == (None, "damaged or cut short")


def test_a_huge_image_is_refused_before_it_is_decoded() -> None:
    (huge,) = read(a_png=coded((8000, 8000), mode="L"))
    assert huge.image is None
    assert "8000 x 8000 px is too large" in huge.problem


def test_a_zip_with_any_folders() -> None:
    archive = zipped(
        {"b/x.png": coded(), "a.png": coded(), "notes.txt": b"x", "__MACOSX/a.png": b"x", "c.jpg": b""}
    )
    found = read_uploaded([("cells.zip", archive)])
    assert [one.name for one in found] == ["a.png", "b/x.png", "c.jpg"]
    assert [one.image is None for one in found] == [False, False, True]


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"../../out.png": coded()}, "points outside"),
        ({"/out.png": coded()}, "points outside"),
        ({"C:\\out.png": coded()}, "points outside"),
        ({"notes.txt": b"x"}, "holds no image"),
    ],
)
def test_dangerous_or_empty_zips(files: dict[str, bytes], reason: str) -> None:
    with pytest.raises(UserError, match=reason):
        read_uploaded([("cells.zip", zipped(files))])


def test_a_zip_bomb_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bcc.datasets.zips.HARMLESS_TOTAL", 2**20)
    bomb = zipped({f"{i}.png": bytes(2**20) for i in range(3)}, zipfile.ZIP_DEFLATED)
    with pytest.raises(UserError, match="would unpack to"):
        read_uploaded([("cells.zip", bomb)])


def test_a_cut_zip() -> None:
    whole = zipped({"a.png": coded()}).getvalue()
    with pytest.raises(UserError, match=r"no complete \.zip file"):
        read_uploaded([("cells.zip", io.BytesIO(whole[:-30]))])


def test_too_many_at_once() -> None:
    with pytest.raises(UserError, match="More than 2 images"):
        read_uploaded([(f"{i}.png", io.BytesIO(coded())) for i in range(3)], most=2)
    with pytest.raises(UserError, match="More than 2 images"):
        read_uploaded([("a.zip", zipped({f"{i}.png": coded() for i in range(3)}))], most=2)


def test_all_become_what_the_run_looks_at() -> None:
    handed = read(a_png=coded((30, 20)), b_png=coded((96, 96)), c_png=b"x")
    made = preprocessed_for_run(handed, Preprocessing(kind="none"), (96, 96))
    assert made.shape == (2, 96, 96, 3)
    np.testing.assert_array_equal(made[1], handed[1].image)
    assert preprocessed_for_run(handed, Preprocessing(kind="challenge"), (96, 96)).shape == (2, 96, 96, 3)
    assert preprocessed_for_run(handed[2:], Preprocessing(kind="none"), (96, 96)).shape == (0, 96, 96, 3)
    assert preprocessed_for_run(handed, Preprocessing(kind="none"), (20, 30)).shape == (2, 20, 20, 3)
