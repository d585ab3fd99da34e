"""Which pictures may be the same one under another turn, shift, brightness or crop.

A picture becomes a short row of numbers that stay nearly the same under all of these: how strong each
slow wave is in its middle. A shift changes only the waves' phase; a quarter turn or a mirror only swaps
waves of equal length, so that sorting them undoes it; standardising undoes brightness; and a crop is met by
looking for the picture through smaller windows as well. Rows near one another are found with random
projection trees (Dasgupta and Freund, "Random projection trees and low dimensional manifolds", STOC 2008),
whose cost grows with the number of pictures and not with its square. Whether two candidates really are one
picture is the matter of `bcc.quality.registration`.
"""

from __future__ import annotations

import cv2
import numpy as np

ZOOMS = (1.0, 1.03, 1.06, 1.09, 1.12)
"""Windows through which a picture is also looked at: how much larger a crop shows it."""
FASTEST = 5
"""Waves a picture, at most."""
COMPONENTS = 32
RADIUS = 0.5
"""How near candidates are, where 1 is the usual distance of two pictures of the set."""
LEAF = 24
RIM = 0.08
"""Share of a side along the border that says nothing about where the cell lies."""
TREES = 12


def centred(small: np.ndarray) -> np.ndarray:
    """Move what is dark into the middle, so that a shifted picture is seen through the same window.

    Args:
        small: uint8 (N, S, S), grey pictures.

    Returns:
        float32 (N, S, S).
    """
    count, side = small.shape[:2]
    dark = 255.0 - small.astype(np.float32)
    # What the background has is no darkness.
    dark -= np.quantile(dark.reshape(count, -1)[:, ::7], 0.2, axis=1)[:, None, None]
    np.maximum(dark, 0, out=dark)
    # Nor is the empty border of a picture that was moved.
    rim = round(side * RIM)
    dark[:, :rim] = dark[:, -rim:] = 0
    dark[:, :, :rim] = dark[:, :, -rim:] = 0
    place = np.arange(side, dtype=np.float32) - (side - 1) / 2
    shift = np.zeros((count, 2), np.float32)
    for _ in range(3):
        # A round window that follows the centre of mass: mean shift.
        down = np.exp(-((place - shift[:, :1]) ** 2) / (2 * (0.22 * side) ** 2))
        across = np.exp(-((place - shift[:, 1:]) ** 2) / (2 * (0.22 * side) ** 2))
        rows = np.einsum("nyx,nx->ny", dark, across) * down
        columns = np.einsum("nyx,ny->nx", dark, down) * across
        mass = rows.sum(axis=1) + 1e-3
        shift = np.stack([rows @ place / mass, columns @ place / mass], axis=1)
        shift = np.clip(shift, -side / 6, side / 6)
    moved = np.empty((count, side, side), np.float32)
    move = np.eye(2, 3, dtype=np.float32)
    for row in range(count):
        move[:, 2] = -shift[row, 1], -shift[row, 0]
        cv2.warpAffine(
            small[row].astype(np.float32),
            move,
            (side, side),
            moved[row],
            cv2.INTER_LINEAR,
            cv2.BORDER_REFLECT_101,
        )
    return moved


def descriptors(small: np.ndarray, zoom: float = 1.0) -> np.ndarray:
    """Numbers that turns, mirrors, small shifts and brightness leave alone.

    Args:
        small: (N, S, S), grey pictures.
        zoom: as if the middle 1 / zoom of the picture had been enlarged to the whole.

    Returns:
        float32 (N, F).
    """
    count, side = small.shape[:2]
    pixels = small.reshape(count, -1).astype(np.float32, copy=True)
    window, waves, orbits = _basis(side, zoom)
    weight = window / window.sum()
    # Mean and spread under the window itself, so that what lies outside of a crop does not matter.
    mean = pixels @ weight
    pixels -= mean[:, None]
    spread = np.sqrt((pixels**2) @ weight) + 1.0
    parts = (pixels @ waves) / spread[:, None]
    strength = np.log1p(np.hypot(parts[:, 0::2], parts[:, 1::2]))
    return np.concatenate([np.sort(strength[:, orbit], axis=1) for orbit in orbits], axis=1)


def _basis(side: int, zoom: float) -> tuple[np.ndarray, np.ndarray, list[list[int]]]:
    """Window (S*S,), windowed cosines and sines (S*S, 2 W), and which waves swap places in a turn."""
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
    return window.ravel().astype(np.float32), flat * zoom**2, orbits


def candidates(small: np.ndarray, seed: int, nearest: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of pictures that may be one.

    Args:
        small: uint8 (N, S, S), grey pictures.
        seed: draws the directions of the trees.
        nearest: how many partners a picture brings in, at most, in each tree.

    Returns:
        int64 (P, 2), each pair once with the lower row first, nearest pairs first; and float32 (P,), how
        far apart they are, where 1 is the usual distance of two pictures of the set.
    """
    count = len(small)
    if count < 2:
        return np.empty((0, 2), np.int64), np.empty(0, np.float32)
    small = centred(small)
    plain = descriptors(small)
    centre = plain.mean(axis=0)
    # A little whitening lets faint waves count too.
    values, vectors = np.linalg.eigh((plain - centre).T @ (plain - centre) / count)
    keep = np.argsort(-values)[:COMPONENTS]
    keep = keep[values[keep] > 1e-6 * max(float(values.max()), 1e-6)]
    if not len(keep):
        return np.empty((0, 2), np.int64), np.empty(0, np.float32)
    axes = (vectors[:, keep] / values[keep] ** 0.35).astype(np.float32)
    points = [(plain - centre) @ axes]
    points += [(descriptors(small, zoom) - centre) @ axes for zoom in ZOOMS[1:]]
    rng = np.random.default_rng(seed)
    usual = float(np.median(np.linalg.norm(points[0] - rng.permutation(points[0]), axis=1)))
    pairs, squares = _near_pairs(np.concatenate(points), count, RADIUS * usual, nearest, rng)
    return pairs, (np.sqrt(squares) / max(usual, 1e-6)).astype(np.float32)


def _near_pairs(
    points: np.ndarray, count: int, radius: float, nearest: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Pairs within the radius, and their squared distance.

    Point p stands for picture p % count, the first `count` of them for whole pictures. A window is only
    compared with whole pictures, and never with its own.
    """
    found: list[np.ndarray] = []
    distances: list[np.ndarray] = []
    for _ in range(TREES):
        leaves = _leaves(points, rng)
        inside, picture = points[leaves], leaves % count
        squares = np.einsum("lpd,lpd->lp", inside, inside)
        far = squares[:, :, None] + squares[:, None, :] - 2 * inside @ inside.transpose(0, 2, 1)
        near = (far < radius**2) & (leaves < count)[:, None, :]
        leaf, one, other = np.nonzero(near)
        first, second = picture[leaf, one], picture[leaf, other]
        apart = first != second
        pair = np.stack([first[apart], second[apart]], axis=1)
        found.append(np.sort(pair, axis=1))
        distances.append(far[leaf, one, other][apart])
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


def _leaves(points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One tree: int64 (L, leaf size), the points halved again and again across random directions."""
    count = len(points)
    depth = max(0, int(np.ceil(np.log2(count / LEAF))))
    # Leaves of one size let a level be halved in one call; some points stand in two leaves for that.
    order = np.resize(np.arange(count), -(-count // 2**depth) * 2**depth)[None]
    directions = rng.standard_normal((points.shape[1], max(depth, 1))).astype(np.float32)
    along = points @ directions
    for level in range(depth):
        half = order.shape[1] // 2
        place = np.argpartition(along[order, level], half, axis=1)
        order = np.take_along_axis(order, place, axis=1).reshape(-1, half)
    return order
