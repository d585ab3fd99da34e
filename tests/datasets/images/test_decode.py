from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bcc.datasets.images.decode import UnreadableImageError, decode

RGB = np.random.default_rng(0).integers(0, 256, (9, 11, 3), np.uint8)


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF"])
def test_lossless_formats_give_the_very_pixels(kind: str) -> None:
    assert (decode(encoded(Image.fromarray(RGB), kind)) == RGB).all()


def test_lossless_webp_gives_the_very_pixels() -> None:
    assert (decode(encoded(Image.fromarray(RGB), "WEBP", lossless=True)) == RGB).all()


def test_jpeg_is_decoded_in_full(tmp_path: Path) -> None:
    data = encoded(Image.fromarray(RGB), "JPEG", quality=90)
    path = tmp_path / "x.jpg"
    path.write_bytes(data)
    with Image.open(path) as image:
        expected = np.asarray(image.convert("RGB"))
    assert (decode(data) == expected).all()
    assert (decode(path) == expected).all()


def test_transparent_pixels_are_white() -> None:
    alpha = np.full((9, 11, 1), 255, np.uint8)
    alpha[:4] = 0
    made = decode(encoded(Image.fromarray(np.concatenate([RGB, alpha], axis=2)), "PNG"))
    assert (made[:4] == 255).all()
    assert (made[4:] == RGB[4:]).all()


def test_a_palette_with_a_transparent_colour_is_laid_on_white() -> None:
    image = Image.new("P", (4, 4), 1)
    image.putpalette([10, 20, 30, 40, 50, 60])
    image.putpixel((0, 0), 0)
    made = decode(encoded(image, "PNG", transparency=0))
    assert made[0, 0].tolist() == [255, 255, 255]
    assert made[1, 1].tolist() == [40, 50, 60]


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bit_grey_is_scaled(kind: str) -> None:
    values = np.array([[0, 257 * 7, 257 * 200, 65_535]], np.uint16)
    made = decode(encoded(Image.fromarray(values), kind))
    assert made.shape == (1, 4, 3)
    assert made[0, :, 0].tolist() == [0, 7, 200, 255]
    assert (made == made[..., :1]).all()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "CMYK", "YCbCr", "LAB"])
def test_other_modes_become_rgb(mode: str) -> None:
    if mode == "LAB":
        from PIL import ImageCms

        to_lab = ImageCms.buildTransform(
            ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB"
        )
        image = ImageCms.applyTransform(Image.new("RGB", (5, 4), (200, 30, 60)), to_lab)
    else:
        image = Image.new("RGB", (5, 4), (255, 255, 255)).convert(mode)
    made = decode(encoded(image, "TIFF"))
    assert made.shape == (4, 5, 3)
    assert made.dtype == np.uint8
    if mode != "LAB":
        assert (made == 255).all()


def test_of_an_animation_the_first_image_counts() -> None:
    frames = [Image.fromarray(RGB), Image.fromarray(255 - RGB)]
    for kind in ("PNG", "TIFF"):
        data = encoded(frames[0], kind, save_all=True, append_images=frames[1:])
        assert (decode(data) == RGB).all()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "no jpg, png"),
        (b"not an image at all", "no jpg, png"),
        (encoded(Image.fromarray(RGB), "PNG")[:120], "damaged or cut short"),
        (encoded(Image.fromarray(RGB), "JPEG")[:-60], "damaged or cut short"),
        (encoded(Image.fromarray(RGB).convert("L"), "GIF"), "no jpg, png"),
        (encoded(Image.fromarray(RGB), "EPS"), "no jpg, png"),
        (encoded(Image.fromarray(np.full((3, 3), 1e6, np.float32)), "TIFF"), "floating-point"),
        (encoded(Image.fromarray(np.full((3, 3), 100_000, np.int32)), "TIFF"), "32-bit"),
        (encoded(Image.new("1", (3126, 4000)), "PNG"), "3126 x 4000 px is too large"),
        (encoded(Image.new("1", (10_000, 10_000)), "PNG"), "too large"),
        (encoded(Image.new("1", (20_000, 20_000)), "PNG"), "too large"),
    ],
)
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_what_cannot_be_read_has_a_reason(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableImageError, match=reason):
        decode(data)


def test_a_bomb_is_refused_even_where_warnings_are_errors() -> None:
    import warnings

    data = encoded(Image.new("1", (10_000, 10_000)), "PNG")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(UnreadableImageError, match="too large"):
            decode(data)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_damage_anywhere_is_a_reason_or_harmless() -> None:
    rng = np.random.default_rng(0)
    image = Image.fromarray(RGB)
    for kind in ("PNG", "JPEG", "BMP", "TIFF", "WEBP"):
        whole = np.frombuffer(encoded(image, kind), np.uint8)
        for _ in range(120):
            data = whole.copy()
            data[rng.integers(0, len(data), 3)] = rng.integers(0, 256, 3)
            try:
                made = decode(data.tobytes())
            except UnreadableImageError:
                continue
            assert made.dtype == np.uint8
            assert made.shape[2] == 3


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the administrator may read everything")
def test_a_file_without_permission_has_a_reason(tmp_path: Path) -> None:
    path = tmp_path / "x.png"
    path.write_bytes(encoded(Image.fromarray(RGB), "PNG"))
    path.chmod(0)
    with pytest.raises(UnreadableImageError, match="may not be read"):
        decode(path)
