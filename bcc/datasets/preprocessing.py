"""How the pixels of a file become the pixels of a dataset.

`challenge` is the recipe of the course challenge, bit for bit: centre crop 200, bilinear to 224 (Pillow),
Lanczos to 96 (OpenCV). `resize` scales the short side and crops the centre. `none` leaves images alone.
A run stores the recipe it was trained with and applies it wherever it predicts. Files are read by
`bcc.datasets.images.decode`; random changes are augmentation, not preprocessing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

import numpy as np
from pydantic import model_validator

from bcc.errors import UserError
from bcc.specs import Spec, check, option

CHALLENGE_CROP = 200
CHALLENGE_MIDDLE = 224
CHALLENGE_SIZE = 96


class Preprocessing(Spec):
    """A fixed recipe from an image of any size to the image that is stored or predicted."""

    kind: Literal["none", "resize", "challenge"] = option(
        "none", "Leave images alone, scale and crop to a square, or crop and scale as in the challenge."
    )
    size: int = option(
        96, "Side of the square that 'resize' makes; 'challenge' always makes 96.", unit="px", ge=8, le=1024
    )

    @model_validator(mode="after")
    def _size_matters_only_to_resize(self) -> Preprocessing:
        # So that equal recipes compare equal whatever a form left in the unused field.
        if self.kind != "resize":
            object.__setattr__(self, "size", CHALLENGE_SIZE)
        return self

    @classmethod
    def parse(cls, text: str) -> Preprocessing:
        """Read "none", "challenge" or "resize:96".

        Raises:
            UserError: for anything else, or a size outside its bounds.
        """
        words = text.strip().lower()
        if words in ("none", "challenge"):
            return cls(kind=words)  # type: ignore[arg-type]
        match = re.fullmatch(r"resize:(\d{1,9})", words)
        if match is None:
            raise UserError(
                f"Preprocessing '{text}' is unknown; write none, challenge or resize:SIZE, such as resize:96."
            )
        recipe: Preprocessing = check(cls, {"kind": "resize", "size": int(match[1])}, "preprocessing")
        return recipe

    @property
    def text(self) -> str:
        """The short form that `parse` reads."""
        return f"resize:{self.size}" if self.kind == "resize" else self.kind

    def __str__(self) -> str:
        return self.text

    def output_size(self, height: int, width: int) -> tuple[int, int]:
        """Height and width in pixels of what `apply` makes of an image of that height and width."""
        return (height, width) if self.kind == "none" else (self.size, self.size)

    def apply(self, image: np.ndarray) -> np.ndarray:
        """Apply the recipe to one image.

        Args:
            image: uint8 (H, W, 3) RGB.

        Returns:
            uint8 (h, w, 3) RGB; with `none` the very same array.
        """
        if self.kind == "none":
            return image
        return _challenge(image) if self.kind == "challenge" else _resize(image, self.size)

    def apply_batch(self, images: np.ndarray | Sequence[np.ndarray]) -> np.ndarray:
        """Apply the recipe to many images.

        Args:
            images: uint8 (N, H, W, 3), or N images whose sizes may differ.

        Returns:
            uint8 (N, h, w, 3); with `none` and one array the very same array.

        Raises:
            UserError: `none` leaves images of different sizes, which do not make one array.
        """
        if self.kind == "none" and isinstance(images, np.ndarray):
            return images
        if self.kind != "none":
            made = np.empty((len(images), self.size, self.size, 3), np.uint8)
            for row, image in enumerate(images):
                made[row] = self.apply(image)
            return made
        sizes = sorted({image.shape[:2] for image in images})
        if len(sizes) > 1:
            (first_h, first_w), (other_h, other_w) = sizes[0], sizes[-1]
            raise UserError(
                f"The images differ in size ({first_w} x {first_h} and {other_w} x {other_h} px); "
                "choose a preprocessing such as resize:96 to bring them to one."
            )
        return np.stack(list(images)) if sizes else np.empty((0, 0, 0, 3), np.uint8)


def _challenge(image: np.ndarray) -> np.ndarray:
    """Centre 200 (the centre square of a smaller image), bilinear to 224, Lanczos to 96."""
    import cv2
    from PIL import Image

    side = min(CHALLENGE_CROP, *image.shape[:2])
    # Python's rounding of halves to even is what the challenge's own crop does.
    top, left = (round((length - side) / 2) for length in image.shape[:2])
    crop = Image.fromarray(np.ascontiguousarray(image[top : top + side, left : left + side]))
    middle = crop.resize((CHALLENGE_MIDDLE, CHALLENGE_MIDDLE), Image.Resampling.BILINEAR)
    final = (CHALLENGE_SIZE, CHALLENGE_SIZE)
    made: np.ndarray = cv2.resize(np.asarray(middle), final, interpolation=cv2.INTER_LANCZOS4)
    return made


def _resize(image: np.ndarray, size: int) -> np.ndarray:
    """Short side to `size` by Pillow's antialiased Lanczos, then the centre square."""
    from PIL import Image

    height, width = image.shape[:2]
    if (height, width) == (size, size):
        return image
    # The box is the centre square: what lies outside would only be scaled to be cut away.
    side = min(height, width)
    left, top = (width - side) / 2, (height - side) / 2
    opened = Image.fromarray(np.ascontiguousarray(image))
    box = (left, top, left + side, top + side)
    return np.asarray(opened.resize((size, size), Image.Resampling.LANCZOS, box=box))
