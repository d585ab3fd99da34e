"""What values of more than 8 bits stand for: which of them is white, and how they become 8 bits.

Cameras of 10, 12 and 14 bits write files of 16, without saying so: taken for 16 bits their images are
nearly black. The largest value shows how many bits are in use, of many images together where there are
many, so that a dark one among them stays dark. It is a guess, which `describe_scaling` reports.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

Kind = Literal["whole", "float"]

DEPTHS = (8, 10, 12, 14, 16)
"""Bits that cameras have."""

_OVERSHOOT = 1.5
"""How high floating-point values with a white of 1 may go: resizing and sharpening overshoot at edges. With a
white of 255 such an image would be black throughout."""

_UNDERSHOOT = 0.05
"""How far floating-point values may fall below 0 for the same reason, as a share of the largest value."""


class UnknownRangeError(Exception):
    """Values that could mean anything; the message says why."""


def kind_of(values: np.ndarray) -> Kind:
    """Whether values are whole numbers or floating-point ones."""
    return "float" if values.dtype.kind == "f" else "whole"


def largest(values: np.ndarray) -> float:
    """The largest value.

    Raises:
        UnknownRangeError: some are clearly below 0 or no numbers.
    """
    low, high = float(values.min()), float(values.max())
    if not np.isfinite(low + high):
        raise UnknownRangeError("floating-point values that are no numbers")
    if low < (-_UNDERSHOOT * high if values.dtype.kind == "f" else 0):
        raise UnknownRangeError(f"{_name(values)} below 0, whose range is unknown")
    if high > 65_535:
        raise UnknownRangeError(f"{_name(values)}, whose range is unknown")
    return high


def white(kind: Kind, high: float) -> float:
    """The value that becomes 255, where the largest one is `high`.

    Whole numbers: the largest of 8, 10, 12, 14 or 16 bits, whichever are enough. Floating-point ones: 1
    where none is clearly above it, else as for whole numbers.
    """
    if kind == "float" and high <= _OVERSHOOT:
        return 1.0
    return float(next(2**bits - 1 for bits in DEPTHS if high <= 2**bits - 1))


def scaled(values: np.ndarray, top: float) -> np.ndarray:
    """Values from 0 to `top` as uint8 from 0 to 255, rounded."""
    made: np.ndarray = np.clip(np.rint(values * np.float32(255 / top)), 0, 255).astype(np.uint8)
    return made


def describe_scaling(kind: Kind, top: float) -> str:
    """Describe the scaling to 8 bits in a few words.

    Args:
        kind: of the values.
        top: the value that became 255, from `white`.
    """
    if kind == "float":
        return f"floating-point data from 0 to {top:,.0f} scaled to 8 bits"
    bits = int(top).bit_length()
    return f"{bits}-bit data scaled to 8 bits ({top:,.0f} becomes 255)"


def _name(values: np.ndarray) -> str:
    return "floating-point values" if values.dtype.kind == "f" else "32-bit values"
