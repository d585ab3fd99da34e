"""Measurements of each image that several checks share, taken in one pass over the pixels.

Brightness, contrast, information and sharpness; the colour of the background and of what lies on it; a
sparse sample of colours; a small grey copy. Everything is measured at 96 px, the size that networks here
see. Nothing is judged here: the checks decide what is usual and what is too far from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from threadpoolctl import ThreadpoolController

from bcc.cells.features import SIDE
from bcc.progress import Progress
from bcc.quality.seams import seam_numbers

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
    "flat_share",
    *(f"background_{channel}" for channel in ("red", "green", "blue")),
    *(f"foreground_{channel}" for channel in ("red", "green", "blue")),
    "foreground_share",
)

_BLACK = 12
"""Level up to which a pixel of a corner is black in every channel."""
_LARGEST_CORNERS = 0.25
_WIDEST_BORDER = 0.1
"""Share of a side that an empty border takes at most."""
_CHUNK = 128
_THREADS = 2


@dataclass(frozen=True)
class Measures:
    """What one pass over the images found, a line per image.

    Attributes:
        numbers: float32 (N, len(COLUMNS)), see `COLUMNS`.
        samples: uint8 (N, 32, 32, 3), every third pixel of the image.
        small: uint8 (N, 32, 32), the image's green channel made small.
    """

    numbers: np.ndarray
    samples: np.ndarray
    small: np.ndarray

    def __getitem__(self, column: str) -> np.ndarray:
        """float32 (N,), one column of `numbers`."""
        values: np.ndarray = self.numbers[:, COLUMNS.index(column)]
        return values


def measure(images: np.ndarray, rows: np.ndarray, progress: Progress | None = None) -> Measures:
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
        part = slice(start, start + _CHUNK)
        block = without_black_corners(without_empty_borders(blocks_at_96(images, rows[part])))
        samples[part] = block[:, 1::3, 1::3]
        # A row of images below one another is one image to OpenCV, with one call for all of them.
        tall = block.reshape(-1, SIDE, 3)
        size = (SMALL, SMALL * len(block))
        small[part] = cv2.resize(tall, size, interpolation=cv2.INTER_AREA)[..., 1].reshape(-1, SMALL, SMALL)
        grey = cv2.cvtColor(tall, cv2.COLOR_RGB2GRAY)
        numbers[part] = np.column_stack([_levels(grey), _structure(grey), _flat_share(grey), _colours(block)])
        return len(block)

    done = 0
    with one_thread_each(), ThreadPoolExecutor(_THREADS) as pool:
        for count in pool.map(fill, range(0, len(rows), _CHUNK)):
            done += count
            if progress is not None:
                progress(done / len(rows), f"Measuring {done:,} of {len(rows):,} images")
    return Measures(numbers, samples, small)


def measure_seams(images: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Straight seams in some rows of a set: float32 (N, len(SEAM_COLUMNS)), see `bcc.quality.seams`.

    By itself, since it costs as much as several of the other numbers and only one check asks for it.
    """

    def seams(start: int) -> np.ndarray:
        block = without_black_corners(blocks_at_96(images, rows[start : start + _CHUNK]))
        tall = block.reshape(-1, SIDE, 3)
        mean = cv2.transform(tall.astype(np.float32), np.full((1, 3), 1 / 3, np.float32))
        return seam_numbers(mean.reshape(-1, SIDE, SIDE))

    with one_thread_each(), ThreadPoolExecutor(_THREADS) as pool:
        return np.concatenate(list(pool.map(seams, range(0, len(rows), _CHUNK))))


@contextmanager
def one_thread_each() -> Iterator[None]:
    """Keep OpenCV and BLAS single-threaded while a pool distributes small pieces of work."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        with _pools().limit(limits=1):
            yield
    finally:
        cv2.setNumThreads(before)


@cache
def _pools() -> ThreadpoolController:
    """The thread pools of the libraries that are loaded; finding them takes a while."""
    return ThreadpoolController()


def at_96(image: np.ndarray) -> np.ndarray:
    """Return an image at the size of measurement: uint8 (96, 96, 3), contiguous."""
    image = np.ascontiguousarray(image)
    if image.shape[:2] != (SIDE, SIDE):
        shrinks = min(image.shape[:2]) >= SIDE
        way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        image = np.asarray(cv2.resize(image, (SIDE, SIDE), interpolation=way))
    return image


def blocks_at_96(images: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return images at the size of measurement: uint8 (n, 96, 96, 3), contiguous."""
    if images.shape[1:3] == (SIDE, SIDE):
        return np.ascontiguousarray(images[rows])
    return np.stack([at_96(images[row]) for row in rows])


def without_empty_borders(block: np.ndarray) -> np.ndarray:
    """Fill borders of one colour, as a moved image has them, with the lines of pixels beside them.

    Args:
        block: uint8 (n, S, S, 3).

    Returns:
        The same shape; the same array where no image has such a border. An image of one colour stays.
    """
    empty = np.zeros(len(block), bool)
    for line in (block[:, 0], block[:, -1], block[:, :, 0], block[:, :, -1]):
        empty |= (line == line[:, :1]).all(axis=(1, 2))
    if not empty.any():
        return block
    filled = block.copy()
    for row in np.flatnonzero(empty):
        filled[row] = _without_empty_border(block[row])
    return filled


def _without_empty_border(image: np.ndarray) -> np.ndarray:
    side = len(image)
    first, last = [], []
    for lines in (image, image.transpose(1, 0, 2)):
        busy = (lines != lines[:, :1]).any(axis=(1, 2))
        first.append(int(busy.argmax()))
        last.append(side - int(busy[::-1].argmax()) if busy.any() else 0)
    inner = image[first[0] : last[0], first[1] : last[1]]
    # A cell on an even ground, such as a drawing, has no border.
    if min(inner.shape[:2]) < (1 - 2 * _WIDEST_BORDER) * side:
        return image
    widths = (first[0], side - last[0], first[1], side - last[1])
    return np.asarray(cv2.copyMakeBorder(inner, *widths, cv2.BORDER_REPLICATE))


def without_black_corners(block: np.ndarray) -> np.ndarray:
    """Fill black corners, as a turned image or the rim of the field of view has them, with what is beside.

    Args:
        block: uint8 (n, S, S, 3).

    Returns:
        The same shape; the same array where no image has such corners. An image with more black in its
        corners than `_LARGEST_CORNERS` of it stays.
    """
    corners = block[:, [0, 0, -1, -1], [0, -1, 0, -1]].max(axis=2) <= _BLACK
    if not corners.any():
        return block
    filled = block.copy()
    for row in np.flatnonzero(corners.any(axis=1)):
        image = filled[row]
        black = (image.max(axis=2) <= _BLACK).astype(np.uint8)
        _, parts = cv2.connectedComponents(black)
        touching = np.unique(parts[[0, 0, -1, -1], [0, -1, 0, -1]])
        rim: np.ndarray = np.isin(parts, touching[touching > 0])
        if rim.mean() > _LARGEST_CORNERS:
            continue
        # Resizing has mixed the next pixels with black.
        rim = cv2.dilate(rim.astype(np.uint8), np.ones((5, 5), np.uint8)).astype(bool)
        made = _mirrored_into(image, rim)
        # Where a line and its column are black throughout, something stands beside them only now.
        both = np.logical_and.outer(rim.all(axis=1), rim.all(axis=0))
        filled[row] = _mirrored_into(made, both)
    return filled


def _mirrored_into(image: np.ndarray, rim: np.ndarray) -> np.ndarray:
    """What lies beside the rim mirrored into it, from where it is nearest: texture goes on without a seam."""
    across, far_across = _mirror_of_lines(rim)
    down, far_down = _mirror_of_lines(rim.T)
    from_lines = np.take_along_axis(image, across[..., None], axis=1)
    from_columns = np.take_along_axis(image, down.T[..., None], axis=0)
    nearer = (far_across <= far_down.T)[..., None]
    return np.where(rim[..., None], np.where(nearer, from_lines, from_columns), image)


def _mirror_of_lines(rim: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each place of each line, which place of the line is mirrored there, and how far it is from it."""
    place = np.arange(SIDE)
    first = (~rim).argmax(axis=1)[:, None]
    last = SIDE - 1 - (~rim)[:, ::-1].argmax(axis=1)[:, None]
    source = np.where(place < first, 2 * first - place, np.where(place > last, 2 * last - place, place))
    source = np.clip(source, first, last)
    # A line that is black throughout has nothing to mirror.
    return source, np.where(np.all(rim, axis=1, keepdims=True), SIDE, np.abs(source - place))


def _levels(grey: np.ndarray) -> np.ndarray:
    """From the grey levels of images below one another: float32 (n, 6), the first of `COLUMNS`."""
    counts = _histograms(grey)
    shares = counts / counts.sum(axis=1, keepdims=True)
    up_to = np.cumsum(shares, axis=1)
    darkest, middle, brightest = ((up_to < share).sum(axis=1) for share in (0.05, 0.5, 0.95))
    entropy = -(shares * np.log2(np.maximum(shares, 1e-12))).sum(axis=1)
    brightness = shares @ np.arange(256, dtype=np.float32)
    return np.stack([brightness, darkest, middle, brightest, brightest - darkest, entropy], axis=1)


def _histograms(tall: np.ndarray) -> np.ndarray:
    """float32 (n, 256), how often each level occurs in images below one another."""
    images = tall.reshape(-1, SIDE, SIDE)
    return np.stack([cv2.calcHist([one], [0], None, [256], [0, 256]).ravel() for one in images])


def _structure(grey: np.ndarray) -> np.ndarray:
    """Detail of three sizes, hardest edge, evenness of direction: float32 (n, 5).

    Rows near the upper and lower border are left out: there an image mixes with its neighbour.
    """
    # Three octaves of a Laplacian pyramid (Burt and Adelson 1983): detail of about 1, 2 and 4 pixels.
    near = grey.astype(np.float32)
    columns = []
    for margin in (8, 6, 5):
        half = cv2.pyrDown(near)
        band = _inside(near - cv2.pyrUp(half), near.shape[1], margin)
        columns.append(np.sqrt(np.einsum("nyx,nyx->n", band, band) / band[0].size))
        near = half
    hard = _inside(cv2.Laplacian(grey, cv2.CV_16S), SIDE, 1)
    columns.append(np.maximum(hard.max(axis=(1, 2)), -hard.min(axis=(1, 2))))
    across = _inside(cv2.Sobel(grey, cv2.CV_32F, 1, 0, ksize=1), SIDE, 1)
    down = _inside(cv2.Sobel(grey, cv2.CV_32F, 0, 1, ksize=1), SIDE, 1)
    a, b, mixed = (
        np.einsum("nyx,nyx->n", one, other) for one, other in ((across, across), (down, down), (across, down))
    )
    # Strength of the edges along their weakest direction over that along the strongest.
    half_sum, apart = (a + b) / 2, np.hypot((a - b) / 2, mixed)
    columns.append((np.maximum(half_sum - apart, 0) + 1) / (half_sum + apart + 1))
    return np.stack(columns, axis=1).astype(np.float32)


def _flat_share(grey: np.ndarray) -> np.ndarray:
    """Share of the pixels that are exactly like the next one, as in drawings: float32 (n,)."""
    images = grey.reshape(-1, SIDE, SIDE)
    same = cv2.compare(grey[:, 1:], grey[:, :-1], cv2.CMP_EQ).reshape(len(images), -1)
    return np.asarray(same.mean(axis=1, dtype=np.float32) / 255)


def _inside(tall: np.ndarray, side: int, margin: int) -> np.ndarray:
    """Images below one another -> (n, side - 2 margin, side)."""
    return tall.reshape(-1, side, side)[:, margin:-margin]


def _colours(block: np.ndarray) -> np.ndarray:
    """Mean colours of background and foreground, and the share of the latter: float32 (n, 7)."""
    green = np.ascontiguousarray(block[..., 1])
    level = _otsu(_histograms(green))
    paper = green > level[:, None, None]
    columns = []
    for wanted in (paper, ~paper):
        pixels = wanted.reshape(len(block), -1)
        count = pixels.sum(axis=1)
        mask = wanted.view(np.uint8)
        sums = np.array([cv2.mean(one, here)[:3] for one, here in zip(block, mask, strict=True)])
        columns += [*np.where(count > 0, sums.T, 0)]
    columns.append(1 - paper.reshape(len(block), -1).mean(axis=1))
    return np.stack(columns, axis=1).astype(np.float32)


def _otsu(histograms: np.ndarray) -> np.ndarray:
    """The level that parts each histogram best in two, int64 (n,): Otsu 1979."""
    shares = histograms / histograms.sum(axis=1, keepdims=True)
    weight = np.cumsum(shares, axis=1)
    mass = np.cumsum(shares * np.arange(256, dtype=np.float32), axis=1)
    between = (mass[:, -1:] * weight - mass) ** 2 / np.maximum(weight * (1 - weight), 1e-9)
    return np.asarray(between.argmax(axis=1))
