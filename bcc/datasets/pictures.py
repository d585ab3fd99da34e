"""Decode one picture file into RGB pixels.

Only the formats that people keep cells in are opened (a file that merely calls itself .jpg gets no other
decoder), huge pictures are refused before a pixel is decoded, and every kind of picture that those formats
hold is turned into 8-bit RGB. Which files belong to a set is the matter of `bcc.datasets.tree`.
"""

from __future__ import annotations

import io
import struct
import threading
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp")
FORMATS = ("JPEG", "PNG", "BMP", "TIFF", "WEBP")

MAX_PIXELS = 12_500_000
"""Largest picture that is decoded: the whole field of a 12-megapixel camera, far above any single cell."""

_LARGE = 4_000_000
_one_large_picture = threading.Lock()

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


class UnreadablePictureError(Exception):
    """A picture that is skipped; the message is the reason, for a list."""


def is_picture(name: str) -> bool:
    """Whether a file name ends like a picture's."""
    return name.lower().endswith(SUFFIXES)


def decode(file: Path | bytes) -> np.ndarray:
    """Decode a picture; of an animation or a stack the first one.

    Transparent pixels are laid on white, 16-bit grey is scaled to 8 bits, CMYK and palettes are converted.

    Args:
        file: a path, or the file's bytes.

    Returns:
        uint8 (H, W, 3) RGB.

    Raises:
        UnreadablePictureError: damaged, empty, of another format or too large.
    """
    try:
        with Image.open(io.BytesIO(file) if isinstance(file, bytes) else file, formats=FORMATS) as image:
            width, height = image.size
            if width * height > MAX_PIXELS:
                raise UnreadablePictureError(
                    f"{width} x {height} px is too large for a picture of a cell: at most "
                    f"{MAX_PIXELS / 1e6:g} megapixels; cut the cell out"
                )
            if width * height <= _LARGE:
                return _to_rgb(image)
            # Large pictures one at a time keep memory small.
            with _one_large_picture:
                return _to_rgb(image)
    except UnidentifiedImageError as error:
        raise UnreadablePictureError("no jpg, png, bmp, tif or webp picture") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UnreadablePictureError("too large for a picture of a cell") from error
    except PermissionError as error:
        raise UnreadablePictureError("may not be read") from error
    except _DAMAGE as error:
        raise UnreadablePictureError("damaged or cut short") from error


def _to_rgb(image: Image.Image) -> np.ndarray:
    if image.mode.startswith("I;16") or image.mode == "I":
        values = np.asarray(image)
        if values.min() < 0 or values.max() > 65_535:
            raise UnreadablePictureError("32-bit values, whose range is unknown")
        grey = ((values.astype(np.uint32) * 255 + 32_767) // 65_535).astype(np.uint8)
        return np.repeat(grey[..., None], 3, axis=2)
    if image.mode == "F":
        raise UnreadablePictureError("floating-point values, whose range is unknown")
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        # Converting from RGBA to RGBA would copy, and large pictures count.
        layer = image if image.mode == "RGBA" else image.convert("RGBA")
        white = Image.new("RGB", layer.size, (255, 255, 255))
        white.paste(layer, mask=layer.getchannel("A"))
        return np.asarray(white)
    return np.asarray(image.convert("RGB"))
