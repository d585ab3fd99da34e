"""Whether two images show the very same cell, by laying one over the other.

The eight turns and mirrors are tried on small copies by cross-correlation, which finds the shift as well;
what fits is then fitted more finely, scale included (Evangelidis and Psarakis, "Parametric image alignment
using enhanced correlation coefficient maximization", PAMI 2008). In the end it is the fine detail that
must agree: two round nuclei may look alike from afar, but no two have one texture.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
from scipy import fft

from bcc.quality.measures import at_96, one_thread_each

TURNS = 8
"""Four quarter turns, each plain or mirrored."""
_MARGIN = 11
"""Pixels along the border that are not compared: a shift may have left them empty."""
_STEPS = 10
_PROMISING = 0.86
"""Correlation of the detail in small images from which on a closer look is taken."""
_LEAST_OVERLAP = 0.67
"""Share of the window that both images must fill."""
_LEAST_VARIANCE = 0.5
"""Squared grey levels below which an image has no detail to compare."""
_PART = 256
"""Pairs that are looked at together: their images fit into the processor's cache."""
_TOGETHER = 16
"""Pairs that are laid over one another in one task of a thread."""
_THREADS = 2
_MIRRORS = ((0, 0, 0), (1, 1, 0), (0, 1, 1), (1, 0, 1), (0, 0, 1), (1, 1, 1), (0, 1, 0), (1, 0, 0))
"""Each turn as a transposition, then a mirror up-down, then one left-right: 1 where it takes place."""
_OFFSET = np.array([[down, across] for _, down, across in _MIRRORS])
"""How many pixels a mirror about the middle of each axis lies behind one about pixel 0."""

Window = Callable[[int, int], np.ndarray]
"""Which places of the first image are compared, given its side and the margin: uint8, 255 inside."""


def turned(image: np.ndarray, turn: int) -> np.ndarray:
    """One of the eight turns of an image (..., S, S): `turn` % 4 quarter turns, mirrored from 4 on."""
    moved = np.rot90(image, turn % 4, axes=(-2, -1))
    return moved[..., ::-1] if turn >= 4 else moved


def best_turns(small: np.ndarray, pairs: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """How the second of each pair must be turned and shifted to lie on the first.

    Args:
        small: uint8 (N, S, S), grey images.
        pairs: int64 (P, 2).

    Returns:
        float32 (P,), the correlation there (about -1..1); int64 (P,), the turn; int64 (P, 2), the shift
        down and across in pixels of `small`.
    """
    side = small.shape[1]
    window = _bell(side)
    best = np.full(len(pairs), -np.inf, np.float32)
    turn = np.zeros(len(pairs), np.int64)
    place = np.zeros(len(pairs), np.int64)

    def try_turns(start: int) -> None:
        part = slice(start, start + _PART)
        waves = _waves(small[pairs[part, 0]], window)
        of_turns = _waves_of_turns(small[pairs[part, 1]], window)
        for number in range(TURNS):
            flat = fft.irfft2(waves * of_turns[number], s=(side, side)).reshape(len(waves), -1)
            highest = flat.argmax(axis=1)
            height = flat[np.arange(len(flat)), highest]
            better = height > best[part]
            best[part][better] = height[better]
            turn[part][better] = number
            place[part][better] = highest[better]

    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(try_turns, range(0, len(pairs), _PART)))
    shift = np.stack(np.divmod(place, side), axis=1) + _OFFSET[turn]
    return best, turn, (shift + side // 2) % side - side // 2


def _bell(side: int) -> np.ndarray:
    """A round window, the same after every turn: float32 (side, side)."""
    bell = np.hanning(side + 2)[1:-1].astype(np.float32) ** 0.5
    return np.outer(bell, bell)


def _levelled(images: np.ndarray, window: np.ndarray) -> np.ndarray:
    """Windowed images of mean 0 and length 1: float32 (n, S, S)."""
    pixels = images.astype(np.float32)
    pixels -= pixels.mean(axis=(1, 2), keepdims=True)
    pixels *= window
    pixels -= pixels.mean(axis=(1, 2), keepdims=True)
    length = np.sqrt(np.einsum("nyx,nyx->n", pixels, pixels))
    pixels /= np.maximum(length, 1.0)[:, None, None]
    return pixels


def _waves(images: np.ndarray, window: np.ndarray) -> np.ndarray:
    """Fourier transforms of windowed images of mean 0 and length 1."""
    return np.asarray(fft.rfft2(_levelled(images, window)))


def _waves_of_turns(images: np.ndarray, window: np.ndarray) -> list[np.ndarray]:
    """For each turn, the conjugate Fourier transforms of the images turned so.

    Two transforms are enough for all eight turns. Every turn is a transposition or none, then a mirror
    up-down or none, then one left-right or none. Mirrored about pixel 0, a real image with the waves
    F[k, l] has F[-k, l] up-down, its conjugate left-right, and the conjugate of F after both. `turned`
    mirrors about the middle instead, which is one pixel further along the mirrored axis: `_OFFSET`.
    """
    pixels = _levelled(images, window)
    back = -np.arange(pixels.shape[1])
    ways = []
    for laid in (pixels, pixels.transpose(0, 2, 1)):
        waves = np.asarray(fft.rfft2(laid))
        flipped = waves[:, back]
        ways.append({(0, 0): waves.conj(), (1, 0): flipped.conj(), (0, 1): flipped, (1, 1): waves})
    return [ways[swap][down, across] for swap, down, across in _MIRRORS]


def same_detail(
    images: np.ndarray, pairs: np.ndarray, turn: np.ndarray, shift: np.ndarray, side: int
) -> tuple[np.ndarray, np.ndarray]:
    """How well pairs agree once laid over each other.

    Args:
        images: uint8 (M, H, W, 3) RGB.
        pairs: int64 (P, 2), rows of `images`.
        turn, shift: from `best_turns`, made on copies of `side` pixels.
        side: of those copies.

    Returns:
        Two float64 (P,) in -1..1: the correlation of the brightness, and that of the fine detail.
    """

    def agreement(pair: int, fixed: np.ndarray, moving: np.ndarray) -> tuple[float, float]:
        # OpenCV maps places of the fixed image to places of the moving one.
        move = np.array([[1, 0, -shift[pair, 1]], [0, 1, -shift[pair, 0]]], np.float32)
        return _agreement(fixed, turned(moving, int(turn[pair])), move, side, _box)

    return _of_each_pair(images, pairs, agreement)


def same_detail_rotated(
    images: np.ndarray, pairs: np.ndarray, mirrored: np.ndarray, moves: np.ndarray, side: int
) -> tuple[np.ndarray, np.ndarray]:
    """How well pairs agree once one was rotated onto the other, in a disc that has no empty corners.

    Args:
        images: uint8 (M, H, W, 3) RGB.
        pairs: int64 (P, 2), rows of `images`.
        mirrored, moves: from `bcc.quality.rotations.best_rotations`, made on copies of `side` pixels.
        side: of those copies.

    Returns:
        As `same_detail`.
    """

    def agreement(pair: int, fixed: np.ndarray, moving: np.ndarray) -> tuple[float, float]:
        moving = moving[::-1] if mirrored[pair] else moving
        return _agreement(fixed, moving, moves[pair], side, _disc)

    return _of_each_pair(images, pairs, agreement)


def _of_each_pair(
    images: np.ndarray,
    pairs: np.ndarray,
    agreement: Callable[[int, np.ndarray, np.ndarray], tuple[float, float]],
) -> tuple[np.ndarray, np.ndarray]:
    """What `agreement` finds for each pair, given its number and both green channels at 96 px."""
    agreed = np.zeros((len(pairs), 2))

    def compare(start: int) -> None:
        for pair in range(start, min(start + _TOGETHER, len(pairs))):
            one, other = (at_96(images[row])[..., 1] for row in pairs[pair])
            agreed[pair] = agreement(pair, one, other)

    with one_thread_each(), ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(compare, range(0, len(pairs), _TOGETHER)))
    return agreed[:, 0], agreed[:, 1]


def _agreement(
    fixed: np.ndarray, moving: np.ndarray, move: np.ndarray, side: int, window: Window
) -> tuple[float, float]:
    fixed, moving = fixed.astype(np.float32), np.ascontiguousarray(moving).astype(np.float32)
    # A coarse look is cheap and tells most strangers; only what it leaves in doubt is looked at finely. Even
    # there it takes a fit: the detail of a crop agrees with its original's only once the scale is right.
    coarse = _Pair(fixed, moving, 2, window)
    start = _scaled(move, fixed.shape[0] / side / 2)
    fitted = coarse.fit(start)
    best = max(coarse.compare(start), coarse.compare(fitted), key=lambda agreed: agreed[1])
    if best[1] < _PROMISING:
        return best
    fine = _Pair(fixed, moving, 1, window)
    tried = [_scaled(move, fixed.shape[0] / side), _scaled(fitted, 2)]
    agreed = [fine.compare(one) for one in tried]
    best = max(agreed, key=lambda two: two[1])
    if best[1] < 0.9:
        start = tried[agreed.index(best)]
        best = max(best, fine.compare(fine.fit(start)), key=lambda two: two[1])
    return best


def _box(side: int, margin: int) -> np.ndarray:
    """All but the margin: uint8 (side, side), 255 inside."""
    inside = np.zeros((side, side), np.uint8)
    inside[margin:-margin, margin:-margin] = 255
    return inside


def _disc(side: int, margin: int) -> np.ndarray:
    """The largest disc that keeps the margin: uint8 (side, side), 255 inside."""
    place = np.arange(side) - (side - 1) / 2
    return np.asarray(np.hypot(place[:, None], place) <= side / 2 - margin, np.uint8) * 255


def _scaled(move: np.ndarray, times: float) -> np.ndarray:
    """The same move on images `times` as large; places are counted from the middle of the first pixel."""
    scaled = move.copy()
    scaled[:, 2] = times * move[:, 2] + (times - 1) / 2 * (1 - move[:, :2].sum(axis=1))
    return scaled


class _Pair:
    """Two grey images, float32, `shrink` times smaller than given."""

    def __init__(self, fixed: np.ndarray, moving: np.ndarray, shrink: int, window: Window) -> None:
        size = (fixed.shape[1] // shrink, fixed.shape[0] // shrink)
        if shrink > 1:
            fixed, moving = (cv2.resize(one, size, interpolation=cv2.INTER_AREA) for one in (fixed, moving))
        self._fixed, self._moving = fixed, moving
        self._window = window(fixed.shape[0], _MARGIN // shrink)
        self._detail = _detail(fixed)

    def fit(self, move: np.ndarray) -> np.ndarray:
        """A better affine move; the same where nothing fits better."""
        steps = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, _STEPS, 1e-3)
        try:
            _, fitted = cv2.findTransformECC(
                self._fixed, self._moving, move.copy(), cv2.MOTION_AFFINE, steps, self._window, 3
            )
        except cv2.error:
            # It does not converge on images that have nothing in common.
            return move
        return np.asarray(fitted, np.float32)

    def compare(self, move: np.ndarray) -> tuple[float, float]:
        """Correlation of brightness and of detail where the two overlap."""
        how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        size = self._fixed.shape[::-1]
        laid = cv2.warpAffine(self._moving, move, size, flags=how, borderMode=cv2.BORDER_REPLICATE)
        inside = cv2.warpAffine(np.ones_like(self._moving), move, size, flags=how)
        inside = cv2.threshold(inside, 0.99, 1, cv2.THRESH_BINARY)[1] * (self._window > 0)
        if inside.sum() < _LEAST_OVERLAP * np.count_nonzero(self._window):
            return 0.0, 0.0
        brightness = _correlation(self._fixed, laid, inside)
        return brightness, _correlation(self._detail, _detail(laid), inside)


def _detail(image: np.ndarray) -> np.ndarray:
    """What lies between about 1 and 3 pixels: finer than that, compression and resizing change it."""
    return np.asarray(cv2.GaussianBlur(image, (0, 0), 1.0) - cv2.blur(image, (7, 7)))


def _correlation(one: np.ndarray, other: np.ndarray, inside: np.ndarray) -> float:
    """Pearson's, over the pixels where `inside` is 1."""
    one, other, mask = one.ravel(), other.ravel(), inside.ravel()
    count = float(mask.sum())
    one = (one - float(one @ mask) / count) * mask
    other = (other - float(other @ mask) / count) * mask
    length = float(np.sqrt(float(one @ one) * float(other @ other)))
    return float(one @ other) / length if length > _LEAST_VARIANCE * count else 0.0
