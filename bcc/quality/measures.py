"""The plain numbers of each picture that several checks share, taken in one pass over the pixels.

Brightness, contrast, information and sharpness; the colour of the background and of what lies on it; a
sparse sample of colours; a small grey copy. Everything is measured at 96 px, the size that networks here
see. Nothing is judged: what is usual, and how far from it is too far, is the matter of the checks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import cv2
import numpy as np

from bcc.cells.features import SIDE

SAMPLES = 32
"""Side of the grid of sampled colours."""
SMALL = 32
"""Side of the small grey copies."""
COLUMNS = (
    "brightness",
    "darkest",
    "middle",
    "brightest",
    "contrast",
    "information",
    "fine",
    "medium",
    "coarse",
    "edges",
    "evenness",
    *(f"background_{channel}" for channel in ("red", "green", "blue")),
    *(f"foreground_{channel}" for channel in ("red", "green", "blue")),
    "foreground_share",
)

_CHUNK = 128
_THREADS = 2
_COUNTED = 6
"""So many of the columns come from the histogram of grey levels."""


@dataclass(frozen=True)
class Measures:
    """What one pass over the pictures found, a line per picture.

    Attributes:
        numbers: float32 (N, len(COLUMNS)), see `COLUMNS`.
        samples: uint8 (N, 32, 32, 3), every third pixel of the picture.
        small: uint8 (N, 32, 32), the picture's green channel made small.
    """

    numbers: np.ndarray
    samples: np.ndarray
    small: np.ndarray

    def __getitem__(self, column: str) -> np.ndarray:
        """float32 (N,), one column of `numbers`."""
        values: np.ndarray = self.numbers[:, COLUMNS.index(column)]
        return values


def measure(
    images: np.ndarray, rows: np.ndarray, progress: Callable[[float, str], None] | None = None
) -> Measures:
    """Measure some rows of a set.

    Args:
        images: uint8 (M, H, W, 3) RGB, may be memory-mapped.
        rows: int64 (N,), which of them.
        progress: called with (share done, sentence) now and then.
    """
    numbers = np.empty((len(rows), len(COLUMNS)), np.float32)
    samples = np.empty((len(rows), SAMPLES, SAMPLES, 3), np.uint8)
    small = np.empty((len(rows), SMALL, SMALL), np.uint8)

    def fill(start: int) -> int:
        part = rows[start : start + _CHUNK]
        histograms = np.empty((len(part), 256), np.float32)
        for offset, row in enumerate(part):
            picture, place = at_96(images[row]), start + offset
            samples[place] = picture[1::3, 1::3]
            small[place] = cv2.resize(picture, (SMALL, SMALL), interpolation=cv2.INTER_AREA)[..., 1]
            numbers[place, _COUNTED:] = _of_pixels(picture, histograms[offset])
        numbers[start : start + len(part), :_COUNTED] = _of_histograms(histograms)
        return len(part)

    done = 0
    with one_thread_each(), ThreadPoolExecutor(_THREADS) as pool:
        for count in pool.map(fill, range(0, len(rows), _CHUNK)):
            done += count
            if progress is not None:
                progress(done / len(rows), f"Measuring {done:,} of {len(rows):,} pictures")
    return Measures(numbers, samples, small)


@contextmanager
def one_thread_each() -> Iterator[None]:
    """Keep OpenCV from splitting small pictures among threads of its own while a pool shares them out."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)


def at_96(picture: np.ndarray) -> np.ndarray:
    """A picture as it is looked at: uint8 (96, 96, 3), contiguous."""
    picture = np.ascontiguousarray(picture)
    if picture.shape[:2] != (SIDE, SIDE):
        shrinks = min(picture.shape[:2]) >= SIDE
        way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        picture = np.asarray(cv2.resize(picture, (SIDE, SIDE), interpolation=way))
    return picture


def _of_pixels(picture: np.ndarray, histogram: np.ndarray) -> np.ndarray:
    """What must be looked up in the picture itself, in the order of the later `COLUMNS`; fills `histogram`."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    histogram[:] = cv2.calcHist([grey], [0], None, [256], [0, 256]).ravel()
    # Three octaves of a Laplacian pyramid (Burt and Adelson 1983): detail of about 1, 2 and 4 pixels.
    near = grey.astype(np.float32)
    energy = []
    for _ in range(3):
        half = cv2.pyrDown(near)
        energy.append(cv2.norm(near, cv2.pyrUp(half), cv2.NORM_L2) / near.shape[0])
        near = half
    edges = cv2.norm(cv2.Laplacian(grey, cv2.CV_16S), cv2.NORM_INF)
    across, down = cv2.Sobel(grey, cv2.CV_16S, 1, 0, ksize=1), cv2.Sobel(grey, cv2.CV_16S, 0, 1, ksize=1)
    green = cv2.extractChannel(picture, 1)
    _, paper = cv2.threshold(green, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    background = cv2.mean(picture, paper)[:3]
    foreground = cv2.mean(picture, cv2.bitwise_not(paper))[:3]
    share = 1.0 - cv2.countNonZero(paper) / grey.size
    return np.array([*energy, edges, _evenness(across, down), *background, *foreground, share], np.float32)


def _of_histograms(histograms: np.ndarray) -> np.ndarray:
    """The earlier `COLUMNS`, from grey levels counted: float32 (N, 256) -> (N, 6)."""
    shares = histograms / histograms.sum(axis=1, keepdims=True)
    up_to = np.cumsum(shares, axis=1)
    darkest, middle, brightest = ((up_to < share).sum(axis=1) for share in (0.05, 0.5, 0.95))
    entropy = -(shares * np.log2(np.maximum(shares, 1e-12))).sum(axis=1)
    brightness = shares @ np.arange(256, dtype=np.float32)
    return np.stack([brightness, darkest, middle, brightest, brightest - darkest, entropy], axis=1)


def _evenness(across: np.ndarray, down: np.ndarray) -> float:
    """Weakest over strongest direction of the edges, 0..1: small where something moved."""
    a, b = cv2.norm(across) ** 2, cv2.norm(down) ** 2
    mixed = (cv2.norm(cv2.add(across, down)) ** 2 - a - b) / 2
    half, apart = (a + b) / 2, float(np.hypot((a - b) / 2, mixed))
    return (half - apart + 1.0) / (half + apart + 1.0)
