"""Sizes of the cell, its nucleus and the violet mask in every image of a dataset."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from bcc.cells.masks import cell_in, mask_measurements, nucleus_in, violet_mask
from bcc.cells.stains import optical_density
from bcc.progress import Progress

KINDS_OF_MASK = ("violet", "cell", "nucleus")
MEASURED = tuple(f"{kind}_{what}" for kind in KINDS_OF_MASK for what in ("area", "share", "parts"))
"""Columns of `measure_masks`: areas in px, shares of the image in 0..1, parts are pieces."""
_CHUNK = 128


def three_masks(image: np.ndarray) -> np.ndarray:
    """The masks of one image in the order of `KINDS_OF_MASK`, bool (3, H, W).

    Args:
        image: uint8 (H, W, 3) RGB.
    """
    density = optical_density(np.ascontiguousarray(image))
    cell = cell_in(density)
    return np.stack([violet_mask(image), cell, nucleus_in(density, cell)])


def measure_masks(images: np.ndarray, progress: Progress | None = None) -> dict[str, np.ndarray]:
    """Area, share of the image and number of parts of each mask, for every image.

    Args:
        images: uint8 (N, H, W, 3) RGB, may be memory-mapped.
        progress: called with (share done, sentence).

    Returns:
        Name (`MEASURED`) -> float32 (N,).
    """
    table = {name: np.zeros(len(images), np.float32) for name in MEASURED}

    def fill(start: int) -> int:
        part = np.stack([three_masks(image) for image in np.asarray(images[start : start + _CHUNK])])
        for place, kind in enumerate(KINDS_OF_MASK):
            for name, values in mask_measurements(part[:, place]).items():
                table[f"{kind}_{name}"][start : start + len(part)] = values
        return len(part)

    done = 0
    with ThreadPoolExecutor(2) as pool:
        for count in pool.map(fill, range(0, len(images), _CHUNK)):
            done += count
            if progress is not None:
                progress(done / len(images), f"Outlining {done:,} of {len(images):,} cells")
    return table
