"""Images of more than 8 bits a channel: how bright they come out, and what is said about it."""

from __future__ import annotations

import io
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from bcc.datasets import load
from bcc.datasets.images.decode import UnreadableImageError, decode, read_image
from bcc.datasets.uploaded_images import read_uploaded

LEVELS = np.random.default_rng(0).random((24, 20, 3))
LEVELS[0, 0], LEVELS[0, 1] = 0, 1


def coded(values: np.ndarray, suffix: str) -> bytes:
    """A file by OpenCV, which writes what Pillow cannot: RGB of 16 bits and of floating-point numbers."""
    shown = values[..., ::-1] if values.ndim == 3 else values
    return cv2.imencode(suffix, shown)[1].tobytes()


def near(made: np.ndarray, levels: np.ndarray = LEVELS) -> bool:
    return bool(np.abs(made - 255 * levels).max() <= 0.65)


@pytest.mark.parametrize("bits", [10, 12, 14, 16])
@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_any_depth_in_sixteen_bits_is_as_bright_as_eight(bits: int, suffix: str) -> None:
    values = np.rint(LEVELS * (2**bits - 1)).astype(np.uint16)
    colour = read_image(coded(values, suffix))
    assert near(colour.pixels)
    assert colour.notes == (f"{bits}-bit data scaled to 8 bits ({2**bits - 1:,} becomes 255)",)
    grey = read_image(coded(values[..., 0], suffix))
    assert near(grey.pixels, LEVELS[..., :1])


def test_eight_bits_in_a_file_of_sixteen_stay_what_they_are() -> None:
    values = np.rint(LEVELS * 255).astype(np.uint8)
    assert (decode(coded(values.astype(np.uint16), ".png")) == values).all()


def test_transparency_of_sixteen_bits_is_laid_on_white() -> None:
    values = np.zeros((24, 20, 4), np.uint16)
    values[..., :3] = np.rint(LEVELS * 4095)
    values[12:, :, 3] = 65_535
    made = decode(cv2.imencode(".png", values[..., [2, 1, 0, 3]])[1].tobytes())
    assert (made[:12] == 255).all()
    assert near(made[12:], LEVELS[12:])


@pytest.mark.parametrize(
    ("top", "kind"), [(1.0, np.float32), (255.0, np.float32), (4095.0, np.float32), (1.0, np.float64)]
)
def test_floating_point_colours(top: float, kind: type) -> None:
    made = read_image(coded((LEVELS * top).astype(kind), ".tif"))
    assert near(made.pixels)
    assert made.notes == (f"floating-point data from 0 to {top:,.0f} scaled to 8 bits",)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (-LEVELS, "below 0, whose range is unknown"),
        (LEVELS * 1e6, "range is unknown"),
        (LEVELS * np.nan, "no numbers"),
    ],
)
def test_a_range_that_nobody_knows_is_refused(values: np.ndarray, reason: str) -> None:
    with pytest.raises(UnreadableImageError, match=reason):
        decode(coded(values.astype(np.float32), ".tif"))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_turns_of_exif_are_made(kind: str, orientation: int) -> None:
    image = Image.new("RGB", (48, 32))
    # Three marks tell all eight ways apart; large ones survive JPEG.
    image.paste((255, 0, 0), (0, 0, 24, 16))
    image.paste((0, 0, 255), (24, 0, 48, 16))
    file = io.BytesIO()
    if kind == "TIFF":
        image.save(file, kind, tiffinfo={0x0112: orientation})
    else:
        tag = Image.Exif()
        tag[0x0112] = orientation
        image.save(file, kind, exif=tag.tobytes(), **({"lossless": True} if kind == "WEBP" else {}))
    turns = {
        1: lambda a: a, 2: lambda a: a[:, ::-1], 3: lambda a: a[::-1, ::-1], 4: lambda a: a[::-1],
        5: lambda a: a.transpose(1, 0, 2), 6: lambda a: np.rot90(a, -1),
        7: lambda a: np.rot90(a, 2).transpose(1, 0, 2), 8: lambda a: np.rot90(a),
    }  # fmt: skip
    made = read_image(file.getvalue())
    expected = turns[orientation](np.asarray(image))
    assert made.pixels.shape == expected.shape
    assert np.abs(made.pixels.astype(int) - expected).mean() < 12
    assert made.notes == (() if orientation == 1 else ("turned as its EXIF tag says",))


@pytest.mark.parametrize("orientation", range(2, 9))
def test_deep_images_are_turned_like_others(orientation: int) -> None:
    values = np.rint(LEVELS * 4095).astype(np.uint16)
    plain, tag = io.BytesIO(), Image.Exif()
    tag[0x0112] = orientation
    shallow = Image.fromarray(np.rint(LEVELS * 255).astype(np.uint8))
    shallow.save(plain, "PNG", exif=tag)
    # OpenCV writes no tags: the chunk goes behind the header of its file.
    chunk = _png_chunk(plain.getvalue(), b"eXIf")
    data = coded(values, ".png")
    made = decode(data[:33] + chunk + data[33:])
    assert np.abs(made.astype(int) - decode(plain.getvalue())).max() <= 1


def _png_chunk(data: bytes, name: bytes) -> bytes:
    at = data.index(name) - 4
    return data[at : at + 12 + int.from_bytes(data[at : at + 4], "big")]


def test_of_a_stack_it_is_said_that_the_first_was_taken() -> None:
    file = io.BytesIO()
    first, second = (Image.new("RGB", (9, 9), colour) for colour in ("red", "blue"))
    first.save(file, "TIFF", save_all=True, append_images=[second, second])
    made = read_image(file.getvalue())
    assert made.pixels[0, 0].tolist() == [255, 0, 0]
    assert made.notes == ("the first of 3 images in the file",)


@pytest.fixture
def twelve_bits(tmp_path: Path) -> Path:
    """A folder of 12-bit images, a dark one among them."""
    for number, share in enumerate((1.0, 1.0, 0.2)):
        place = tmp_path / "cells" / "ab"[number % 2] / f"{number}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(coded(np.rint(share * LEVELS * 4095).astype(np.uint16), ".png"))
    return tmp_path / "cells"


def test_a_set_has_one_depth_and_its_dark_images_stay_dark(twelve_bits: Path) -> None:
    dataset = load(twelve_bits, preprocessing="none")
    assert dataset.files == ("a/0.png", "a/2.png", "b/1.png")
    assert near(dataset.images[0])
    assert near(dataset.images[1], 0.2 * LEVELS)
    assert dataset.notes == ("3 of the images: 12-bit data scaled to 8 bits (4,095 becomes 255).",)
    assert load(twelve_bits, preprocessing="none").notes == dataset.notes, "kept in the cache"


def test_images_handed_over_together_have_one_depth(twelve_bits: Path) -> None:
    handed = read_uploaded([(path.name, path.open("rb")) for path in sorted(twelve_bits.rglob("*.png"))])
    assert [one.name for one in handed] == ["0.png", "2.png", "1.png"]
    assert near(handed[1].image, 0.2 * LEVELS)
    assert handed[1].notes == ("12-bit data scaled to 8 bits (4,095 becomes 255)",)


def test_images_of_a_few_pixels_are_left_out_rather_than_enlarged(tmp_path: Path) -> None:
    for name, size in {
        "a/good.png": (20, 20),
        "a/dot.png": (1, 1),
        "b/line.png": (40, 7),
        "b/x.png": (8, 8),
    }.items():
        (tmp_path / "cells" / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", size).save(tmp_path / "cells" / name)
    dataset = load(tmp_path / "cells")
    assert dataset.files == ("a/good.png", "b/x.png")
    assert dataset.skipped == (
        ("a/dot.png", "1 x 1 px is too small for an image of a cell: at least 8 px a side"),
        ("b/line.png", "40 x 7 px is too small for an image of a cell: at least 8 px a side"),
    )
    (dot,) = read_uploaded([("dot.png", (tmp_path / "cells" / "a" / "dot.png").open("rb"))])
    assert dot.image is None
    assert dot.problem.startswith("1 x 1 px is too small")


@pytest.mark.parametrize(
    ("low", "high"), [(0.0, 1.02), (0.0, 1.3), (-0.001, 1.0), (-0.04, 1.2), (-3.0, 255.0)]
)
def test_floating_point_colours_that_overshoot_are_cut_not_darkened(low: float, high: float) -> None:
    values = LEVELS * (255 if high > 2 else 1)
    values[2, 2], values[3, 3] = low, high
    made = read_image(coded(values.astype(np.float32), ".tif")).pixels
    rest = np.ones(LEVELS.shape[:2], bool)
    rest[2, 2] = rest[3, 3] = False
    assert np.abs(made - 255 * LEVELS)[rest].max() <= 0.65
    assert (made[2, 2] == 0).all()
    assert (made[3, 3] == 255).all()


def test_floating_point_colours_around_zero_are_refused() -> None:
    with pytest.raises(UnreadableImageError, match="below 0"):
        read_image(coded((LEVELS - 0.5).astype(np.float32), ".tif"))
