"""The operations that the chained suite draws from: plain pixels, one image at a time, no TensorFlow.

They are written anew, with OpenCV and NumPy, and not taken from `bcc.augment`: what a model is judged by
should not share the habits of what it was trained with. Each takes an image of any side, a magnitude in
0..1 (1 is the stated maximum), a generator for its own draws (which way, where) and a colour to fill with,
and gives an image of the same shape. A second channel stack, the mask of the cell, goes through the same
geometry.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

SIDE = 96
"""Side in pixels that maxima in pixels are stated for; they grow with the image."""


@dataclass
class Cell:
    """An image on its way through a chain.

    Attributes:
        image: uint8 (H, W, 3) RGB.
        seen: float32 (H, W), 1 where a pixel of the cell is in view, 0 elsewhere.
        fill: float (3,), the colour that stands where the image ends or is hidden.
    """

    image: np.ndarray
    seen: np.ndarray
    fill: np.ndarray

    @property
    def scale(self) -> float:
        """Pixels of this image for one pixel of a 96 px image."""
        result: float = self.image.shape[0] / SIDE
        return result


Operation = Callable[[Cell, float, np.random.Generator], None]


def _sign(rng: np.random.Generator) -> float:
    return 1.0 if rng.random() < 0.5 else -1.0


def _stored(values: np.ndarray) -> np.ndarray:
    result: np.ndarray = np.rint(np.clip(values, 0, 255)).astype(np.uint8)
    return result


def _move(cell: Cell, matrix: np.ndarray) -> None:
    """Put image and mask through one affine map (2, 3), from a place in the source to one in the result."""
    size = (cell.image.shape[1], cell.image.shape[0])
    cell.image = cv2.warpAffine(
        cell.image, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT,
        borderValue=[float(value) for value in cell.fill],
    )  # fmt: skip
    cell.seen = cv2.warpAffine(cell.seen, matrix, size, flags=cv2.INTER_LINEAR, borderValue=0.0)


def _about_centre(cell: Cell, linear: np.ndarray) -> np.ndarray:
    height, width = cell.image.shape[:2]
    centre = np.array([(width - 1) / 2, (height - 1) / 2])
    return np.hstack([linear, (centre - linear @ centre)[:, None]])


def rotation(cell: Cell, magnitude: float, rng: np.random.Generator) -> None:
    """By up to half a turn, either way."""
    angle = np.pi * magnitude * _sign(rng)
    cos, sin = np.cos(angle), np.sin(angle)
    _move(cell, _about_centre(cell, np.array([[cos, -sin], [sin, cos]])))


def shear(cell: Cell, magnitude: float, rng: np.random.Generator) -> None:
    """Slanted by up to half a pixel a line, sideways or upwards."""
    linear = np.eye(2)
    linear[(0, 1) if rng.random() < 0.5 else (1, 0)] = 0.5 * magnitude * _sign(rng)
    _move(cell, _about_centre(cell, linear))


def translation(cell: Cell, magnitude: float, rng: np.random.Generator) -> None:
    """By up to a third of the side, in any direction."""
    direction = rng.uniform(0, 2 * np.pi)
    length = magnitude * cell.image.shape[0] / 3
    _move(cell, np.array([[1, 0, length * np.cos(direction)], [0, 1, length * np.sin(direction)]]))


def brightness(cell: Cell, magnitude: float, rng: np.random.Generator) -> None:
    """Lighter or darker by up to 110 levels."""
    cell.image = _stored(cell.image + 110.0 * magnitude * _sign(rng))


def contrast(cell: Cell, magnitude: float, rng: np.random.Generator) -> None:
    """About the mean grey: down to a fifth of it, or up to nearly twice."""
    middle = float(cv2.cvtColor(cell.image, cv2.COLOR_RGB2GRAY).mean())
    cell.image = _stored(middle + (cell.image - middle) * (1 + 0.8 * magnitude * _sign(rng)))


def colour(cell: Cell, magnitude: float, rng: np.random.Generator) -> None:
    """Faded, down to grey."""
    grey = cv2.cvtColor(cell.image, cv2.COLOR_RGB2GRAY)[..., None].astype(np.float32)
    cell.image = _stored(cell.image + magnitude * (grey - cell.image))


def sharpness(cell: Cell, magnitude: float, rng: np.random.Generator) -> None:
    """Edges softened away or up to five times as hard."""
    soft = cv2.GaussianBlur(cell.image, (0, 0), cell.scale).astype(np.float32)
    more = 4 * magnitude if rng.random() < 0.5 else -magnitude
    cell.image = _stored(cell.image + more * (cell.image - soft))


def solarise(cell: Cell, magnitude: float, rng: np.random.Generator) -> None:
    """The bright half of the levels, at most, turned to their negative."""
    cell.image = np.where(cell.image >= 256 - 128 * magnitude, 255 - cell.image, cell.image)


def posterise(cell: Cell, magnitude: float, rng: np.random.Generator) -> None:
    """Down to two bits a channel."""
    lost = round(6 * magnitude)
    cell.image = (cell.image >> lost) << lost


def equalise(cell: Cell, magnitude: float, rng: np.random.Generator) -> None:
    """Towards an even histogram of each channel."""
    even = np.dstack([cv2.equalizeHist(np.ascontiguousarray(cell.image[..., c])) for c in range(3)])
    cell.image = _stored(cell.image + magnitude * (even.astype(np.float32) - cell.image))


def autocontrast(cell: Cell, magnitude: float, rng: np.random.Generator) -> None:
    """Towards each channel stretched over the whole range."""
    values = cell.image.astype(np.float32)
    low, high = values.min(axis=(0, 1)), values.max(axis=(0, 1))
    stretched = (values - low) * (255 / np.maximum(high - low, 1))
    cell.image = _stored(values + magnitude * (stretched - values))


def blur(cell: Cell, magnitude: float, rng: np.random.Generator) -> None:
    """Gaussian, of up to 3 px."""
    cell.image = cv2.GaussianBlur(cell.image, (0, 0), 3 * magnitude * cell.scale)


def noise(cell: Cell, magnitude: float, rng: np.random.Generator) -> None:
    """Grain of up to 50 levels on every pixel and channel."""
    cell.image = _stored(cell.image + rng.normal(0, 50 * magnitude, cell.image.shape))


def cutout(cell: Cell, magnitude: float, rng: np.random.Generator) -> None:
    """A square of up to 40 px, wholly inside, hidden."""
    height, width = cell.image.shape[:2]
    side = min(round(40 * magnitude * cell.scale), height, width)
    top, left = rng.integers(0, height - side + 1), rng.integers(0, width - side + 1)
    cell.image = cell.image.copy()
    cell.image[top : top + side, left : left + side] = _stored(cell.fill)
    cell.seen = cell.seen.copy()
    cell.seen[top : top + side, left : left + side] = 0


def channel_permutation(cell: Cell, magnitude: float, rng: np.random.Generator) -> None:
    """Red, green and blue change places; the magnitude says nothing."""
    orders = ((0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0))
    cell.image = cell.image[..., orders[rng.integers(len(orders))]]


def channel_shift(cell: Cell, magnitude: float, rng: np.random.Generator) -> None:
    """Each channel lighter or darker by up to 60 levels."""
    cell.image = _stored(cell.image + 60 * magnitude * rng.uniform(-1, 1, 3))


OPERATIONS: dict[str, Operation] = {
    one.__name__: one
    for one in (
        rotation, shear, translation, brightness, contrast, colour, sharpness, solarise, posterise, equalise,
        autocontrast, blur, noise, cutout, channel_permutation, channel_shift,
    )
}  # fmt: skip
"""Name -> operation, in the order that the draws count by."""
