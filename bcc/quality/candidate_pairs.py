"""Find images that may be the same under another turn, shift, brightness or crop.

An image becomes a short row of numbers that stay nearly the same under all of these: how strong each
slow wave is in its middle. A shift changes only the waves' phase; a quarter turn or a mirror only swaps
waves of equal length, so that sorting them undoes it; standardising undoes brightness; and a crop is met by
looking for the image through smaller windows as well. Rows near one another are found with random
projection trees (Dasgupta and Freund, "Random projection trees and low dimensional manifolds", STOC 2008),
whose cost grows with the number of images and not with its square. `bcc.quality.registration` decides whether
two candidates really are one image.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cache

import cv2
import numpy as np

from bcc.quality.measures import one_thread_each

ZOOMS = (1.0, 1.03, 1.06, 1.09, 1.12)
"""Windows through which an image is also looked at: how much larger a crop shows it."""
FASTEST = 5
"""Waves an image, at most."""
COMPONENTS = 32
RADIUS = 0.5
"""How near candidates are, where 1 is the usual distance of two images of the set."""
LEAF = 24
RIM = 0.08
"""Share of a side along the border that says nothing about where the cell lies."""
TREES = 16
_CHUNK = 512
_THREADS = 2


def centre_of_cell(small: np.ndarray) -> np.ndarray:
    """Where what is dark lies.

    Args:
        small: uint8 (N, S, S), grey images.

    Returns:
        float32 (N, 2), pixels down and across from the middle, at most a sixth of the side.
    """
    count, side = small.shape[:2]
    dark = 255.0 - small.astype(np.float32)
    # What the background has is no darkness.
    sample = np.sort(dark.reshape(count, -1)[:, ::7], axis=1)
    dark -= sample[:, round(0.2 * (sample.shape[1] - 1)), None, None]
    np.maximum(dark, 0, out=dark)
    # Nor is the empty border of an image that was moved.
    rim = round(side * RIM)
    dark[:, :rim] = dark[:, -rim:] = 0
    dark[:, :, :rim] = dark[:, :, -rim:] = 0
    place = np.arange(side, dtype=np.float32) - (side - 1) / 2
    shift = np.zeros((count, 2), np.float32)
    for _ in range(3):
        # A round window that follows the centre of mass: mean shift.
        down = np.exp(-((place - shift[:, :1]) ** 2) / (2 * (0.22 * side) ** 2))
        across = np.exp(-((place - shift[:, 1:]) ** 2) / (2 * (0.22 * side) ** 2))
        rows = (dark @ across[:, :, None])[..., 0] * down
        columns = (down[:, None] @ dark)[:, 0] * across
        mass = rows.sum(axis=1) + 1e-3
        shift = np.stack([rows @ place / mass, columns @ place / mass], axis=1)
        shift = np.clip(shift, -side / 6, side / 6)
    return shift


def centred(small: np.ndarray) -> np.ndarray:
    """Move what is dark into the middle, so that a shifted image is seen through the same window.

    Args:
        small: uint8 (N, S, S), grey images.

    Returns:
        float32 (N, S, S).
    """
    count, side = small.shape[:2]
    shift = centre_of_cell(small)
    moved = np.empty((count, side, side), np.float32)
    move = np.eye(2, 3, dtype=np.float32)
    pixels = small.astype(np.float32)
    for row in range(count):
        move[:, 2] = -shift[row, 1], -shift[row, 0]
        cv2.warpAffine(pixels[row], move, (side, side), moved[row], cv2.INTER_LINEAR, cv2.BORDER_REFLECT_101)
    return moved


def descriptors(small: np.ndarray, zoom: float = 1.0) -> np.ndarray:
    """Numbers that turns, mirrors, small shifts and brightness leave alone.

    Args:
        small: (N, S, S), grey images.
        zoom: as if the middle 1 / zoom of the image had been enlarged to the whole.

    Returns:
        float32 (N, F).
    """
    count, side = small.shape[:2]
    pixels = small.reshape(count, -1).astype(np.float32)
    pixels -= pixels.mean(axis=1, keepdims=True)
    weight, waves, orbits = _basis(side, zoom)
    # Mean and spread under the window itself, so that what lies outside of a crop does not matter.
    mean = pixels @ weight
    spread = np.sqrt(np.maximum((pixels * pixels) @ weight - mean * mean, 0)) + 1.0
    parts = pixels @ waves - mean[:, None] * waves.sum(axis=0)
    parts /= spread[:, None]
    strength = np.log1p(np.hypot(parts[:, 0::2], parts[:, 1::2]))
    return np.concatenate([np.sort(strength[:, orbit], axis=1) for orbit in orbits], axis=1)


@cache
def _basis(side: int, zoom: float) -> tuple[np.ndarray, np.ndarray, list[list[int]]]:
    """Window of sum 1 (S*S,), windowed cosines and sines (S*S, 2 W), which waves swap places in a turn."""
    place = (np.arange(side) - (side - 1) / 2) / side * zoom
    bell = np.cos(np.pi * np.clip(place, -0.5, 0.5))
    window = np.outer(bell, bell)
    down, across = np.meshgrid(place, place, indexing="ij")
    waves: list[np.ndarray] = []
    orbits: list[list[int]] = []
    for a in range(1, FASTEST + 1):
        for b in range(a + 1):
            if a * a + b * b > FASTEST * FASTEST:
                continue
            turned = [(a, b), (-b, a)] if b in (0, a) else [(a, b), (a, -b), (b, a), (b, -a)]
            orbits.append(list(range(len(waves) // 2, len(waves) // 2 + len(turned))))
            for u, v in turned:
                angle = 2 * np.pi * (u * down + v * across)
                waves += [window * np.cos(angle), window * np.sin(angle)]
    flat = np.stack([wave.ravel() for wave in waves], axis=1).astype(np.float32)
    return (window / window.sum()).ravel().astype(np.float32), flat * np.float32(zoom**2), orbits


def candidates(small: np.ndarray, seed: int, nearest: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of images that may be one.

    Args:
        small: uint8 (N, S, S), grey images.
        seed: draws the directions of the trees.
        nearest: how many partners an image brings in, at most, in each tree.

    Returns:
        int64 (P, 2), each pair once with the lower row first, nearest pairs first; and float32 (P,), how
        far apart they are, where 1 is the usual distance of two images of the set.
    """
    if len(small) < 2:
        return np.empty((0, 2), np.int64), np.empty(0, np.float32)
    return nearest_pairs(_through_windows(small), seed, nearest)


def nearest_pairs(seen: np.ndarray, seed: int, nearest: int) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of images with alike descriptions; see `candidates`.

    Args:
        seen: float32 (W, N, F), the descriptions of all images through W windows, whole images first.
    """
    plain = seen[0]
    count = len(plain)
    centre = plain.mean(axis=0)
    # A little whitening lets faint waves count too.
    values, vectors = np.linalg.eigh((plain - centre).T @ (plain - centre) / count)
    keep = np.argsort(-values)[:COMPONENTS]
    keep = keep[values[keep] > 1e-6 * max(float(values.max()), 1e-6)]
    if not len(keep):
        return np.empty((0, 2), np.int64), np.empty(0, np.float32)
    axes = (vectors[:, keep] / values[keep] ** 0.35).astype(np.float32)
    points = (seen - centre) @ axes
    rng = np.random.default_rng(seed)
    usual = float(np.median(np.linalg.norm(points[0] - rng.permutation(points[0]), axis=1)))
    pairs, squares = _near_pairs(points.reshape(-1, len(keep)), count, RADIUS * usual, nearest, rng)
    return pairs, (np.sqrt(squares) / max(usual, 1e-6)).astype(np.float32)


def _through_windows(small: np.ndarray) -> np.ndarray:
    """Descriptors of all images through all windows: float32 (len(ZOOMS), N, F)."""

    def describe(start: int) -> np.ndarray:
        middle = centred(small[start : start + _CHUNK])
        return np.stack([descriptors(middle, zoom) for zoom in ZOOMS])

    with one_thread_each(), ThreadPoolExecutor(_THREADS) as pool:
        return np.concatenate(list(pool.map(describe, range(0, len(small), _CHUNK))), axis=1)


def _near_pairs(
    points: np.ndarray, count: int, radius: float, nearest: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Pairs within the radius, and their squared distance.

    Point p stands for image p % count, the first `count` of them for whole images. A window is only
    compared with whole images, and never with its own.
    """

    def of_tree(directions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        leaves = _leaves(points, directions)
        inside, image = points[leaves], leaves % count
        squares = np.einsum("lpd,lpd->lp", inside, inside)
        far = squares[:, :, None] + squares[:, None, :] - 2 * inside @ inside.transpose(0, 2, 1)
        near = (far < radius**2) & (leaves < count)[:, None, :]
        leaf, one, other = np.nonzero(near)
        first, second = image[leaf, one], image[leaf, other]
        apart = first != second
        pair = np.stack([first[apart], second[apart]], axis=1)
        return np.sort(pair, axis=1), far[leaf, one, other][apart]

    depth = max(0, int(np.ceil(np.log2(len(points) / LEAF))))
    trees = rng.standard_normal((TREES, points.shape[1], depth)).astype(np.float32)
    with one_thread_each(), ThreadPoolExecutor(_THREADS) as pool:
        found, distances = zip(*pool.map(of_tree, trees), strict=True)
    pairs, squares = np.concatenate(found), np.maximum(np.concatenate(distances), 0)
    code = pairs[:, 0] * count + pairs[:, 1]
    order = np.lexsort((squares, code))
    fresh = np.ones(len(order), bool)
    fresh[1:] = code[order[1:]] != code[order[:-1]]
    order = order[fresh]
    order = order[np.argsort(squares[order], kind="stable")]
    order = order[_among_nearest(pairs[order], count, nearest)]
    return pairs[order], squares[order]


def _among_nearest(pairs: np.ndarray, count: int, nearest: int) -> np.ndarray:
    """Of pairs in order of distance, those among the first `nearest` of either member."""
    ends = np.concatenate([pairs[:, 0], pairs[:, 1]])
    rank_of_pair = np.tile(np.arange(len(pairs)), 2)
    order = np.lexsort((rank_of_pair, ends))
    start = np.searchsorted(ends[order], np.arange(count))
    place = np.empty(len(ends), np.int64)
    place[order] = np.arange(len(ends)) - start[ends[order]]
    return np.minimum(place[: len(pairs)], place[len(pairs) :]) < nearest


def _leaves(points: np.ndarray, directions: np.ndarray) -> np.ndarray:
    """One tree: int64 (L, leaf size), the points halved again and again across directions (D, depth)."""
    depth = directions.shape[1]
    # Leaves of one size let a level be halved in one call; some points stand in two leaves for that.
    order = np.resize(np.arange(len(points)), -(-len(points) // 2**depth) * 2**depth)[None]
    along = np.ascontiguousarray((points @ directions).T)
    for level in range(depth):
        half = order.shape[1] // 2
        place = np.argpartition(along[level][order], half, axis=1)
        order = np.take_along_axis(order, place, axis=1).reshape(-1, half)
    return order
