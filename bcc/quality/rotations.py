"""Find images that may be the same under a rotation by any angle, and the angle.

Quarter turns and mirrors are found by `bcc.quality.candidate_pairs`. Augmented sets also hold copies
rotated by 17 degrees. An image becomes rings about its cell: a rotation moves each ring along itself, a
mirror reverses it, and neither changes how strong the waves along a ring are. Images with alike waves are
candidates; the angle is where their rings correlate best. Whether they really are one image is decided on
the fine detail by `bcc.quality.registration`, as for all others.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from scipy import fft

from bcc.quality.candidate_pairs import centre_of_cell, nearest_pairs
from bcc.quality.measures import one_thread_each

ANGLES = 96
"""Places along a ring: one every 3.75 degrees."""
RINGS = 10
INNERMOST, OUTERMOST = 0.05, 0.42
"""Radii of the first and last ring, as shares of the side. Beyond it a rotation brings in empty corners."""
WAVES = 10
"""Waves along a ring that describe it, at most."""
ZOOMS = (1.0, 1.05, 1.1)
"""Windows through which an image is also described: how much larger a crop shows it."""
SCALES = (0.9, 0.95, 1.0, 1.05, 1.1)
"""How much smaller or larger the second image of a pair may show the cell."""
_CHUNK = 512
_PART = 256
_THREADS = 2


def rings(small: np.ndarray, zoom: float = 1.0) -> np.ndarray:
    """The grey levels on circles about the cell of each image.

    Args:
        small: uint8 (N, S, S), grey images.
        zoom: as if the middle 1 / zoom of the image had been enlarged to the whole.

    Returns:
        float32 (N, RINGS, ANGLES), of mean 0 and length 1 where a ring counts by its circumference.
    """
    down, across = _circles(small.shape[1], zoom)
    shift = centre_of_cell(small)
    found = np.empty((len(small), RINGS, ANGLES), np.float32)
    for row, image in enumerate(small):
        cv2.remap(
            image.astype(np.float32),
            across + shift[row, 1],
            down + shift[row, 0],
            cv2.INTER_LINEAR,
            found[row],
            cv2.BORDER_REPLICATE,
        )
    weight = _circumference()
    found -= np.einsum("nra,r->n", found, weight / ANGLES)[:, None, None]
    length = np.sqrt(np.einsum("nra,nra,r->n", found, found, weight))
    found /= np.maximum(length, 1e-3)[:, None, None]
    return found


def rotated_candidates(small: np.ndarray, seed: int, nearest: int = 5) -> np.ndarray:
    """Pairs of images that may be one under some rotation, mirrored or not.

    Args:
        small: uint8 (N, S, S), grey images.
        seed: draws the directions of the search trees.
        nearest: how many partners an image brings in, at most.

    Returns:
        int64 (P, 2), each pair once with the lower row first, nearest pairs first.
    """

    def describe(start: int) -> np.ndarray:
        part = small[start : start + _CHUNK]
        return np.stack([_strengths(rings(part, zoom)) for zoom in ZOOMS])

    if len(small) < 2:
        return np.empty((0, 2), np.int64)
    with one_thread_each(), ThreadPoolExecutor(_THREADS) as pool:
        seen = np.concatenate(list(pool.map(describe, range(0, len(small), _CHUNK))), axis=1)
    return nearest_pairs(seen, seed, nearest)[0]


@dataclass(frozen=True)
class Rotations:
    """How the second image of each pair must be mirrored and moved to lie on the first.

    Attributes:
        height: float32 (P,), the correlation of their rings there (-1..1).
        along: float32 (P,), the same without the mean of each ring. Two round nuclei have one profile from
            the middle outwards; what changes along the rings tells them apart.
        mirrored: bool (P,), whether the second is mirrored up-down first.
        moves: float32 (P, 2, 3), the affine move from places (x, y) of the first image to places of the
            second, mirrored where it says so.
    """

    height: np.ndarray
    along: np.ndarray
    mirrored: np.ndarray
    moves: np.ndarray


def best_rotations(small: np.ndarray, pairs: np.ndarray) -> Rotations:
    """Lay the rings of the second image of each pair over those of the first.

    Args:
        small: uint8 (N, S, S), grey images.
        pairs: int64 (P, 2).
    """
    waves = np.stack([fft.rfft(rings(small, zoom), axis=2) for zoom in SCALES])
    plain = waves[SCALES.index(1.0)]
    count = len(pairs)
    height = np.full(count, -np.inf, np.float32)
    along = np.zeros(count, np.float32)
    mirrored, place, zoom = np.zeros(count, bool), np.zeros(count, np.int64), np.zeros(count, np.int64)
    for start in range(0, count, _PART):
        part = slice(start, start + _PART)
        one = plain[pairs[part, 0]]
        for number in range(len(SCALES)):
            other = waves[number][pairs[part, 1]]
            # A mirrored ring runs backwards: its transform is the conjugate.
            for mirror, laid in ((False, other), (True, other.conj())):
                curve = _correlations(one, laid)
                highest = curve.argmax(axis=1)
                found = curve[np.arange(len(curve)), highest]
                better = found > height[part]
                height[part][better] = found[better]
                mirrored[part][better] = mirror
                place[part][better] = highest[better]
                zoom[part][better] = number
        other = waves[zoom[part], pairs[part, 1]]
        other = np.where(mirrored[part, None, None], other.conj(), other)
        curve = _correlations(_without_profile(one), _without_profile(other))
        along[part] = curve[np.arange(len(curve)), place[part]]
    centre = centre_of_cell(small) + (small.shape[1] - 1) / 2
    scale, angle = 1 / np.array(SCALES)[zoom], 2 * np.pi * place / ANGLES
    return Rotations(height, along, mirrored, _moves(centre, pairs, mirrored, angle, scale, small.shape[1]))


def _correlations(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Of rings given by their transforms, for every angle: float (P, ANGLES)."""
    product = np.einsum("pra,pra,r->pa", one.conj(), other, _circumference())
    return np.asarray(fft.irfft(product, n=ANGLES))


def _without_profile(waves: np.ndarray) -> np.ndarray:
    """Transforms of rings of mean 0, together of length 1."""
    uneven = waves.copy()
    uneven[:, :, 0] = 0
    levels = fft.irfft(uneven, n=ANGLES, axis=2)
    length = np.sqrt(np.einsum("pra,pra,r->p", levels, levels, _circumference()))
    return np.asarray(uneven / np.maximum(length, 1e-3)[:, None, None])


def _moves(
    centre: np.ndarray,
    pairs: np.ndarray,
    mirrored: np.ndarray,
    angle: np.ndarray,
    scale: np.ndarray,
    side: int,
) -> np.ndarray:
    """The rotations and enlargements that bring the first centre (down, across) onto the second."""
    first, second = centre[pairs[:, 0]], centre[pairs[:, 1]].copy()
    second[mirrored, 0] = side - 1 - second[mirrored, 0]
    cosine, sine = scale * np.cos(angle), scale * np.sin(angle)
    turn = np.stack([np.stack([cosine, -sine], -1), np.stack([sine, cosine], -1)], 1)
    shift = second[:, ::-1] - np.einsum("pij,pj->pi", turn, first[:, ::-1])
    return np.concatenate([turn, shift[:, :, None]], axis=2).astype(np.float32)


def _strengths(polar: np.ndarray) -> np.ndarray:
    """What neither rotation nor mirror changes: the mean of each ring and the strength of its waves."""
    waves = fft.rfft(polar, axis=2)[:, :, : WAVES + 1]
    strength = np.abs(waves)
    strength[:, :, 0] = waves[:, :, 0].real
    strength *= np.sqrt(_circumference())[None, :, None]
    return np.ascontiguousarray(strength.reshape(len(polar), -1), np.float32)


@cache
def _circles(side: int, zoom: float) -> tuple[np.ndarray, np.ndarray]:
    """Places on the rings about the middle, down and across: two float32 (RINGS, ANGLES)."""
    radius = np.linspace(INNERMOST, OUTERMOST, RINGS)[:, None] * side / zoom
    angle = 2 * np.pi * np.arange(ANGLES) / ANGLES
    middle = (side - 1) / 2
    down, across = middle + radius * np.sin(angle), middle + radius * np.cos(angle)
    return down.astype(np.float32), across.astype(np.float32)


@cache
def _circumference() -> np.ndarray:
    """How much a ring counts: float32 (RINGS,), of sum 1."""
    radius = np.linspace(INNERMOST, OUTERMOST, RINGS)
    return np.asarray(radius / radius.sum(), np.float32)
