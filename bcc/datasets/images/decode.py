"""Decode one image file into RGB pixels, and say what had to be assumed for it.

Only the formats that people keep cells in are opened (a file that merely calls itself .jpg gets no other
decoder), huge images are refused before a pixel is decoded, and every kind of image that those formats
hold is turned into 8-bit RGB. What more than 8 bits a channel stand for is decided by
`bcc.datasets.images.bit_depth`. `bcc.datasets.folders.tree` decides which files belong to a dataset.
"""

from __future__ import annotations

import io
import struct
import threading
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, TiffImagePlugin, UnidentifiedImageError

from bcc.datasets.images.bit_depth import (
    Kind,
    UnknownRangeError,
    describe_scaling,
    kind_of,
    largest,
    scaled,
    white,
)

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp")
FORMATS = ("JPEG", "PNG", "BMP", "TIFF", "WEBP")
DEEP_SUFFIXES = (".png", ".tif", ".tiff")
"""Names of files that can hold more than 8 bits a channel."""

MAX_PIXELS = 12_500_000
"""Largest image that is decoded: the whole field of a 12-megapixel camera, far above any single cell."""

MIN_SIDE = 8
"""Pixels a side below which nothing can be an image of a cell, whatever it is enlarged to."""

TURNED = "turned as its EXIF tag says"

_LARGE = 4_000_000
_one_large_image = threading.Lock()

_ORIENTATION = 0x0112
_BITS_PER_SAMPLE, _WIDTH, _HEIGHT, _PHOTOMETRIC = 258, 256, 257, 262
_TIFF_STARTS = (b"II*\0", b"MM\0*")
_GREY, _RGB = 1, 2

# What Pillow's decoders raise on damaged bytes.
_DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    struct.error,
    zlib.error,
)


class UnreadableImageError(Exception):
    """An image that is skipped; the message is the reason, for a list."""


@dataclass(frozen=True)
class DecodedImage:
    """A decoded image.

    Attributes:
        pixels: uint8 (H, W, 3) RGB.
        notes: what was assumed or done beyond decoding, a few words each ("12-bit data scaled ...").
    """

    pixels: np.ndarray
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Raw:
    """An image as its file holds it.

    Attributes:
        values: uint8 (H, W, 3) RGB, or deeper values of that shape, which wait to be scaled.
        notes: as in `DecodedImage`.
    """

    values: np.ndarray
    notes: tuple[str, ...] = ()

    @property
    def is_deep(self) -> bool:
        """Whether the values have more than 8 bits."""
        return self.values.dtype != np.uint8


def is_image(name: str) -> bool:
    """Whether a file name ends like an image's."""
    return name.lower().endswith(SUFFIXES)


def decode(file: Path | bytes) -> np.ndarray:
    """The pixels of `read_image`: uint8 (H, W, 3) RGB."""
    return read_image(file).pixels


def read_image(file: Path | bytes, whites: dict[Kind, float] | None = None) -> DecodedImage:
    """Decode an image; of an animation or a stack the first one.

    Transparent pixels are laid on white, CMYK and palettes are converted, a turn that an EXIF tag asks for
    is made. Values of more than 8 bits are scaled to 8: the largest one shows whether they are
    10-, 12-, 14- or 16-bit data (`bcc.datasets.images.bit_depth`).

    Args:
        file: a path, or the file's bytes.
        whites: what becomes 255, by kind of value, where that was decided for many images together; else
            the image alone decides.

    Raises:
        UnreadableImageError: damaged, empty, of another format, too large, or of a range that nobody
            can know.
    """
    return to_8_bit(read_raw(file), whites)


def to_8_bit(raw: Raw, whites: dict[Kind, float] | None = None) -> DecodedImage:
    """An image of 8 bits from what a file holds; see `read_image`."""
    if not raw.is_deep:
        return DecodedImage(raw.values, raw.notes)
    try:
        kind = kind_of(raw.values)
        top = (whites or {}).get(kind) or white(kind, largest(raw.values))
    except UnknownRangeError as reason:
        raise UnreadableImageError(str(reason)) from reason
    return DecodedImage(scaled(raw.values, top), (describe_scaling(kind, top), *raw.notes))


def depth_of_file(file: Path | bytes) -> tuple[Kind, float] | None:
    """Kind and largest of an image's values where they have more than 8 bits.

    `None` for other images, which the header alone identifies, and for what cannot be read.
    """
    try:
        raw = _read(file, only_deep=True)
        return None if raw is None else depth_of(raw)
    except (UnreadableImageError, UnknownRangeError):
        return None


def depth_of(raw: Raw) -> tuple[Kind, float] | None:
    """Kind and largest of an image's values where they have more than 8 bits.

    Raises:
        UnknownRangeError: nobody can know what they stand for.
    """
    return (kind_of(raw.values), largest(raw.values)) if raw.is_deep else None


def whites_of(depths: Iterable[tuple[Kind, float] | None]) -> dict[Kind, float]:
    """What becomes 255 in images that belong together, by kind of value: their brightest tells."""
    highest: dict[Kind, float] = {}
    for kind, value in (found for found in depths if found is not None):
        highest[kind] = max(value, highest.get(kind, 0.0))
    return {kind: white(kind, value) for kind, value in highest.items()}


def check_not_tiny(pixels: np.ndarray) -> None:
    """Refuse what could only be enlarged to a coloured square.

    Raises:
        UnreadableImageError: a side is shorter than `MIN_SIDE`.
    """
    height, width = pixels.shape[:2]
    if min(height, width) < MIN_SIDE:
        raise UnreadableImageError(
            f"{width} x {height} px is too small for an image of a cell: at least {MIN_SIDE} px a side"
        )


def read_raw(file: Path | bytes) -> Raw:
    """Decode an image without deciding what more than 8 bits stand for; see `read_image`.

    Raises:
        UnreadableImageError: damaged, empty, of another format or too large.
    """
    raw = _read(file)
    assert raw is not None
    return raw


def _read(file: Path | bytes, only_deep: bool = False) -> Raw | None:
    """The values of a file; with `only_deep` nothing is decoded, and `None` given, where 8 bits are enough.

    Raises:
        UnreadableImageError: see `read_image`.
    """
    try:
        with Image.open(io.BytesIO(file) if isinstance(file, bytes) else file, formats=FORMATS) as image:
            _check_size(*image.size)
            if only_deep and not _is_deep(image):
                return None
            if image.size[0] * image.size[1] <= _LARGE:
                return _values(image, file)
            # Large images one at a time keep memory small.
            with _one_large_image:
                return _values(image, file)
    except UnidentifiedImageError as error:
        deep = _unknown_tiff(file)
        if deep is None:
            raise UnreadableImageError("no jpg, png, bmp, tif or webp image") from error
        return deep
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UnreadableImageError("too large for an image of a cell") from error
    except PermissionError as error:
        raise UnreadableImageError("may not be read") from error
    except _DAMAGE as error:
        raise UnreadableImageError("damaged or cut short") from error


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise UnreadableImageError(
            f"{width} x {height} px is too large for an image of a cell: at most "
            f"{MAX_PIXELS / 1e6:g} megapixels; cut the cell out"
        )


def _is_deep(image: Image.Image) -> bool:
    """Whether an image has more than 8 bits a channel; its header says so."""
    return image.mode.startswith("I") or image.mode == "F" or _is_deep_colour(image)


def _is_deep_colour(image: Image.Image) -> bool:
    """Whether Pillow would keep only the upper half of 16-bit colours."""
    if image.mode not in ("RGB", "RGBA", "RGBX", "LA"):
        return False
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        return bool(max(image.tag_v2.get(_BITS_PER_SAMPLE, (8,))) > 8)
    return any(";16" in str(tile[3]) for tile in getattr(image, "tile", ()))


def _values(image: Image.Image, file: Path | bytes) -> Raw:
    # Looking for tags may already load a PNG, which then no longer tells how deep its file is.
    is_deep = _is_deep_colour(image)
    turn = int(image.getexif().get(_ORIENTATION) or 1)
    notes = (TURNED,) if 2 <= turn <= 8 else ()
    frames = int(getattr(image, "n_frames", 1))
    if frames > 1:
        notes = (*notes, f"the first of {frames} images in the file")
    if is_deep:
        values = _deep_colours(file, has_alpha=image.mode in ("RGBA", "LA"))
        return Raw(_turned(values, turn), notes)
    # A TIFF is turned by Pillow while it is loaded, and then has no tag any more.
    image.load()
    turned = ImageOps.exif_transpose(image)
    if turned.mode.startswith("I") or turned.mode == "F":
        values = np.asarray(turned)
        return Raw(np.repeat(values[..., None], 3, axis=2), notes)
    return Raw(_to_rgb(turned), notes)


def _deep_colours(file: Path | bytes, has_alpha: bool = False) -> np.ndarray:
    """16-bit or floating-point colours (H, W, 3) RGB by OpenCV, which keeps all their bits."""
    import cv2

    data = np.frombuffer(file if isinstance(file, bytes) else file.read_bytes(), np.uint8)
    values = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
    if values is None:
        raise UnreadableImageError("damaged, cut short, or a kind of image that is not read here")
    if values.ndim == 2:
        return np.repeat(values[..., None], 3, axis=2)
    colours = np.ascontiguousarray(values[..., 2::-1])
    if values.shape[2] < 4 or not has_alpha:
        return colours
    alpha = values[..., 3:].astype(np.float64)
    alpha /= white(kind_of(alpha), largest(alpha))
    top = white(kind_of(colours), largest(colours))
    laid: np.ndarray = np.rint(colours * alpha + top * (1 - alpha)).astype(values.dtype)
    return laid


def _unknown_tiff(file: Path | bytes) -> Raw | None:
    """A TIFF of a kind that Pillow does not know, such as floating-point colours; `None` for other files.

    Raises:
        UnreadableImageError: it is too large, damaged, or of a kind that is not read here either.
    """
    try:
        with io.BytesIO(file) if isinstance(file, bytes) else file.open("rb") as stream:
            start = stream.read(8)
            if not start.startswith(_TIFF_STARTS):
                return None
            tags = TiffImagePlugin.ImageFileDirectory_v2(start)
            stream.seek(tags.next)
            tags.load(stream)
        width, height, photometric = (int(tags[tag]) for tag in (_WIDTH, _HEIGHT, _PHOTOMETRIC))
        turn = int(tags.get(_ORIENTATION) or 1)
    except _DAMAGE as error:
        raise UnreadableImageError("damaged or cut short") from error
    _check_size(width, height)
    if photometric not in (_GREY, _RGB):
        raise UnreadableImageError("a kind of tif that is not read here; save it with 8 bits a channel")
    notes = (TURNED,) if 2 <= turn <= 8 else ()
    return Raw(_turned(_deep_colours(file), turn), notes)


def _turned(values: np.ndarray, orientation: int) -> np.ndarray:
    """Pixels as an EXIF orientation, 1 to 8, wants them shown."""
    if orientation in (5, 6, 7, 8):
        values = values.transpose(1, 0, 2)
    if orientation in (2, 3, 6, 7):
        values = values[:, ::-1]
    if orientation in (3, 4, 7, 8):
        values = values[::-1]
    return np.ascontiguousarray(values)


def _to_rgb(image: Image.Image) -> np.ndarray:
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        # Converting from RGBA to RGBA would copy, and large images count.
        layer = image if image.mode == "RGBA" else image.convert("RGBA")
        white_layer = Image.new("RGB", layer.size, (255, 255, 255))
        white_layer.paste(layer, mask=layer.getchannel("A"))
        return np.asarray(white_layer)
    return np.asarray(image.convert("RGB"))
