"""Separate random streams for separate things.

Outline, chromatin, granules, neighbours and noise of one cell each draw from their own generator, so
that moving one slider leaves everything else in its place.
"""

from __future__ import annotations

import numpy as np

STREAMS = (
    "spec",
    "outline",
    "nucleus",
    "nucleus outline",
    "chromatin",
    "mottle",
    "vacuoles",
    "orange granules",
    "dark granules",
    "red cells",
    "red cell texture",
    "platelets",
    "background",
    "light",
    "noise",
)
"""Append only: a stream's position is part of every image."""


def stream(seed: int, name: str, *more: int) -> np.random.Generator:
    """The generator of one thing in one cell: same arguments, same numbers."""
    return np.random.Generator(np.random.SFC64([seed, STREAMS.index(name), *more]))
