"""Simple features of every image: histograms of its colours and edges.

Colour is counted in CIE Lab, where equal steps look equally different: how often each pair of
lightness and green-red, and each pair of green-red and blue-yellow, occurs in the whole image and
in its middle, where the cell lies. Edges are histograms of gradient orientation on a coarse grid,
after Dalal and Triggs, "Histograms of oriented gradients for human detection", CVPR 2005 (OpenCV 5
no longer has its own). Baselines, similar images and outliers are computed from
them elsewhere.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np

from bcc.errors import UserError
from bcc.progress import Progress

SIDE = 96
SMALLEST_SIDE = 16

BINS = 16
GRID = 6
ORIENTATIONS = 9
_COARSE = GRID // 2
FEATURE_COUNT = 4 * BINS * BINS + (_COARSE - 1) ** 2 * 4 * ORIENTATIONS + GRID * GRID
"""Numbers an image: four joint histograms, the orientation blocks, the edge strengths."""

_CHUNK = 128
_THREADS = 2


def _levels(low: int, high: int) -> np.ndarray:
    """Table from an 8-bit value to its bin; values outside [low, high) fall in the outer bins."""
    return np.clip((np.arange(256) - low) * BINS // (high - low), 0, BINS - 1).astype(np.uint8)


# OpenCV's 8-bit Lab has L in 0..255 and a, b around 128. Stained smears fill only a part of a and b;
# bins laid there are finer where the cells differ.
_LAB_LEVELS = np.stack([_levels(0, 256), _levels(112, 192), _levels(64, 160)], axis=-1)[None]

_ROW, _COLUMN = np.mgrid[:SIDE, :SIDE]
_MIDDLE = (np.hypot(_ROW - (SIDE - 1) / 2, _COLUMN - (SIDE - 1) / 2) < 0.31 * SIDE).astype(np.uint8)
_GRID_CELL = (_ROW * GRID // SIDE * GRID + _COLUMN * GRID // SIDE) * ORIENTATIONS


def simple_features(
    images: np.ndarray,
    progress: Progress | None = None,
    *,
    rows: np.ndarray | None = None,
) -> np.ndarray:
    """Describe images by colour and edge histograms.

    Images of another size are resized to 96 x 96 px first. A memory-mapped array is read a few
    rows at a time. The same image always gives the same numbers, whatever the other images.

    Args:
        images: uint8 (N, H, W, 3) RGB, at least 16 px high and wide.
        progress: called with (share done, sentence) now and then.
        rows: which rows to describe, in this order; all of them when missing.

    Returns:
        float32 (N, FEATURE_COUNT), or one line for each of `rows`; finite, each number in 0..1 but
        for the edge strengths, which are square roots of grey levels per pixel.

    Raises:
        UserError: the images are smaller than 16 px.
        ValueError: `images` is not uint8 (N, H, W, 3).
    """
    if images.ndim != 4 or images.shape[3] != 3 or images.dtype != np.uint8:
        raise ValueError(f"images must be uint8 (N, H, W, 3), not {images.dtype} {images.shape}")
    height, width = images.shape[1:3]
    if min(height, width) < SMALLEST_SIDE:
        raise UserError(
            f"The images are {height} x {width} px, too small to describe; "
            f"load them at {SMALLEST_SIDE} px or more."
        )
    chosen = np.arange(len(images)) if rows is None else np.asarray(rows, dtype=np.int64)
    features = np.empty((len(chosen), FEATURE_COUNT), dtype=np.float32)

    def fill(start: int) -> int:
        part = chosen[start : start + _CHUNK]
        for offset, row in enumerate(part):
            features[start + offset] = _describe(np.asarray(images[row]))
        return len(part)

    done = 0
    # OpenCV and the larger NumPy calls release the interpreter lock, so two threads help.
    with ThreadPoolExecutor(_THREADS) as pool:
        for count in pool.map(fill, range(0, len(chosen), _CHUNK)):
            done += count
            if progress is not None:
                progress(done / len(chosen), f"Describing {done:,} of {len(chosen):,} images")
    return features


def _describe(image: np.ndarray) -> np.ndarray:
    """uint8 (H, W, 3) -> float32 (FEATURE_COUNT,)."""
    if image.shape[:2] != (SIDE, SIDE):
        shrinks = min(image.shape[:2]) >= SIDE
        image = cv2.resize(image, (SIDE, SIDE), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    lab = cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2LAB)
    return np.concatenate([_colours(lab), _edges(lab[..., 0])])


def _colours(lab: np.ndarray) -> np.ndarray:
    """Joint (L, a) and (a, b) histograms of the whole image and of its middle, square-rooted.

    The square root (Hellinger) keeps the large plain background from drowning the few pixels that
    tell the cells apart.
    """
    levels = cv2.LUT(lab, _LAB_LEVELS)
    histograms = []
    for mask in (None, _MIDDLE):
        for pair in ([0, 1], [1, 2]):
            counts = cv2.calcHist([levels], pair, mask, [BINS, BINS], [0, BINS, 0, BINS])
            histograms.append(np.sqrt(counts / counts.sum()).ravel())
    return np.concatenate(histograms)


def _edges(lightness: np.ndarray) -> np.ndarray:
    """Orientation histograms in overlapping blocks of a 3 x 3 grid, edge strength on a 6 x 6 grid."""
    across = cv2.Sobel(lightness, cv2.CV_32F, 1, 0, ksize=1)
    down = cv2.Sobel(lightness, cv2.CV_32F, 0, 1, ksize=1)
    strength, angle = cv2.cartToPolar(across, down)
    # Each pixel votes for the two nearest orientations; opposite directions are one orientation.
    position = angle * np.float32(ORIENTATIONS / np.pi)
    lower = position.astype(np.int64)
    share = (position - lower) * strength
    size = GRID * GRID * ORIENTATIONS
    votes = np.bincount(
        (_GRID_CELL + lower % ORIENTATIONS).ravel(), (strength - share).ravel(), minlength=size
    ) + np.bincount((_GRID_CELL + (lower + 1) % ORIENTATIONS).ravel(), share.ravel(), minlength=size)
    fine = (votes / (SIDE // GRID) ** 2).reshape(GRID, GRID, ORIENTATIONS)

    coarse = fine.reshape(_COARSE, 2, _COARSE, 2, ORIENTATIONS).mean(axis=(1, 3))
    blocks = np.concatenate([coarse[:-1, :-1], coarse[1:, :-1], coarse[:-1, 1:], coarse[1:, 1:]], axis=-1)
    # A tenth of a grey level keeps an empty block at zero instead of blowing up its noise.
    blocks = blocks / (np.linalg.norm(blocks, axis=-1, keepdims=True) + 0.1)
    return np.concatenate([blocks.ravel(), np.sqrt(np.maximum(fine.sum(axis=-1), 0)).ravel()])
