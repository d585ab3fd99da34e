"""Whether two pictures show the very same cell, by laying one over the other.

The eight turns and mirrors are tried on small copies by cross-correlation, which finds the shift as well;
what fits is then fitted more finely, scale included (Evangelidis and Psarakis, "Parametric image alignment
using enhanced correlation coefficient maximization", PAMI 2008). In the end it is the fine detail that
must agree: two round nuclei may look alike from afar, but no two have one texture.
"""

from __future__ import annotations

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
"""Correlation of the detail in small pictures from which on a closer look is taken."""
_HALF = 48
"""Side of the copies on which strangers are told at a glance."""
_GLANCE = 0.43
"""Correlation of the detail at a glance below which two pictures are strangers. Of planted near duplicates
99 % lie above 0.68 and all above 0.47, of look-alikes that are strangers seven tenths below 0.43."""
_WORTH_FITTING = 0.55
"""Correlation of the detail before any fitting, from which on it is fitted."""
_LEAST_VARIANCE = 0.5
"""Squared grey levels below which a picture has no detail to compare."""
_PART = 256
"""Pairs that are looked at together: their pictures fit into the processor's cache."""
_THREADS = 2


def turned(picture: np.ndarray, turn: int) -> np.ndarray:
    """One of the eight turns of a picture (..., S, S): `turn` % 4 quarter turns, mirrored from 4 on."""
    moved = np.rot90(picture, turn % 4, axes=(-2, -1))
    return moved[..., ::-1] if turn >= 4 else moved


def best_turns(small: np.ndarray, pairs: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """How the second of each pair must be turned and shifted to lie on the first.

    Args:
        small: uint8 (N, S, S), grey pictures.
        pairs: int64 (P, 2).

    Returns:
        float32 (P,), the correlation there (about -1..1); int64 (P,), the turn; int64 (P, 2), the shift
        down and across in pixels of `small`.
    """
    side = small.shape[1]
    bell = np.hanning(side + 2)[1:-1].astype(np.float32) ** 0.5
    window = np.outer(bell, bell)
    best = np.full(len(pairs), -np.inf, np.float32)
    turn = np.zeros(len(pairs), np.int64)
    shift = np.zeros((len(pairs), 2), np.int64)

    def try_turns(start: int) -> None:
        part = slice(start, start + _PART)
        waves = _waves(small[pairs[part, 0]], window)
        for number in range(TURNS):
            others = _waves(turned(small[pairs[part, 1]], number), window)
            match = fft.irfft2(waves * others.conj(), s=(side, side))
            flat = match.reshape(len(match), -1)
            place = flat.argmax(axis=1)
            height = flat[np.arange(len(flat)), place]
            better = height > best[part]
            best[part][better] = height[better]
            turn[part][better] = number
            moves = np.stack(np.divmod(place, side), axis=1)
            shift[part][better] = ((moves + side // 2) % side - side // 2)[better]

    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(try_turns, range(0, len(pairs), _PART)))
    return best, turn, shift


def _waves(pictures: np.ndarray, window: np.ndarray) -> np.ndarray:
    """Fourier transforms of windowed pictures of mean 0 and length 1."""
    pixels = pictures.astype(np.float32) - pictures.mean(axis=(1, 2), keepdims=True, dtype=np.float32)
    pixels *= window
    pixels -= pixels.mean(axis=(1, 2), keepdims=True)
    length = np.sqrt((pixels**2).sum(axis=(1, 2), keepdims=True))
    return np.asarray(fft.rfft2(pixels / np.maximum(length, 1.0)))


def glance(
    images: np.ndarray, pairs: np.ndarray, turn: np.ndarray, shift: np.ndarray, side: int
) -> np.ndarray:
    """Which pairs may be one: their detail agrees somewhere near the shift that was found.

    All pairs at once, and a tenth of the work of fitting them: it spares most strangers a closer look.

    Args:
        images, pairs, turn, shift, side: as of `same_detail`.

    Returns:
        bool (P,).
    """
    rows, line = np.unique(pairs, return_inverse=True)
    line = line.reshape(-1, 2)
    detail = np.empty((len(rows), _HALF, _HALF), np.float32)
    with one_thread_each(), ThreadPoolExecutor(_THREADS) as pool:
        for place, one in enumerate(pool.map(lambda row: _half_detail(images[row]), rows, chunksize=64)):
            detail[place] = one
    bell = np.hanning(_HALF + 2)[1:-1].astype(np.float32) ** 0.5
    window = np.outer(bell, bell)
    there = np.rint(shift * (_HALF / side)).astype(np.int64)
    around = np.arange(-2, 3)
    may_be = np.zeros(len(pairs), bool)

    def look(part: np.ndarray) -> None:
        waves = _waves(detail[line[part, 0]], window)
        others = _waves(turned(detail[line[part, 1]], int(turn[part[0]])), window)
        match = fft.irfft2(waves * others.conj(), s=(_HALF, _HALF))
        down = (there[part, 0, None, None] + around[:, None]) % _HALF
        across = (there[part, 1, None, None] + around) % _HALF
        near = match[np.arange(len(part))[:, None, None], down, across]
        may_be[part] = near.max(axis=(1, 2)) >= _GLANCE

    of_turns = [np.flatnonzero(turn == number) for number in range(TURNS)]
    parts = [one[start : start + _PART] for one in of_turns for start in range(0, len(one), _PART)]
    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(look, parts))
    return may_be


def _half_detail(picture: np.ndarray) -> np.ndarray:
    """Detail of a picture's green channel at half the size: float32 (48, 48)."""
    green = cv2.resize(at_96(picture)[..., 1], (_HALF, _HALF), interpolation=cv2.INTER_AREA)
    green = green.astype(np.float32)
    return np.asarray(cv2.GaussianBlur(green, (0, 0), 0.6) - cv2.blur(green, (5, 5)))


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
    with one_thread_each(), ThreadPoolExecutor(_THREADS) as pool:
        agreed = list(
            pool.map(
                lambda pair: _agreement(images[pair[0]], images[pair[1]], int(pair[2]), pair[3:], side),
                np.column_stack([pairs, turn, shift]),
            )
        )
    table = np.array(agreed, np.float64).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def _agreement(
    one: np.ndarray, other: np.ndarray, turn: int, shift: np.ndarray, side: int
) -> tuple[float, float]:
    fixed = at_96(one)[..., 1].astype(np.float32)
    moving = np.ascontiguousarray(turned(at_96(other)[..., 1], turn)).astype(np.float32)
    # OpenCV maps places of the fixed picture to places of the moving one.
    move = np.array([[1, 0, -shift[1]], [0, 1, -shift[0]]], np.float32)
    # A coarse look is cheap and tells most strangers; only what it leaves in doubt is looked at finely.
    coarse = _Pair(fixed, moving, 2)
    start = _scaled(move, fixed.shape[0] / side / 2)
    unfitted = coarse.compare(start)
    if unfitted[1] < _WORTH_FITTING:
        return unfitted
    fitted = coarse.fit(start)
    best = max(unfitted, coarse.compare(fitted), key=lambda agreed: agreed[1])
    if best[1] < _PROMISING:
        return best
    fine = _Pair(fixed, moving, 1)
    tried = [_scaled(move, fixed.shape[0] / side), _scaled(fitted, 2)]
    agreed = [fine.compare(one) for one in tried]
    best = max(agreed, key=lambda two: two[1])
    if best[1] < 0.9:
        start = tried[agreed.index(best)]
        best = max(best, fine.compare(fine.fit(start)), key=lambda two: two[1])
    return best


def _scaled(move: np.ndarray, times: float) -> np.ndarray:
    """The same move on pictures `times` as large; places are counted from the middle of the first pixel."""
    scaled = move.copy()
    scaled[:, 2] = times * move[:, 2] + (times - 1) / 2 * (1 - move[:, :2].sum(axis=1))
    return scaled


class _Pair:
    """Two grey pictures, float32, `shrink` times smaller than given."""

    def __init__(self, fixed: np.ndarray, moving: np.ndarray, shrink: int) -> None:
        size = (fixed.shape[1] // shrink, fixed.shape[0] // shrink)
        if shrink > 1:
            fixed, moving = (cv2.resize(one, size, interpolation=cv2.INTER_AREA) for one in (fixed, moving))
        self._fixed, self._moving = fixed, moving
        self._margin = _MARGIN // shrink
        self._detail = _detail(fixed)

    def fit(self, move: np.ndarray) -> np.ndarray:
        """A better affine move; the same where nothing fits better."""
        inside = np.zeros(self._fixed.shape, np.uint8)
        inside[self._margin : -self._margin, self._margin : -self._margin] = 255
        steps = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, _STEPS, 1e-3)
        try:
            _, fitted = cv2.findTransformECC(
                self._fixed, self._moving, move.copy(), cv2.MOTION_AFFINE, steps, inside, 3
            )
        except cv2.error:
            # It does not converge on pictures that have nothing in common.
            return move
        return np.asarray(fitted, np.float32)

    def compare(self, move: np.ndarray) -> tuple[float, float]:
        """Correlation of brightness and of detail where the two overlap."""
        how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        size = self._fixed.shape[::-1]
        laid = cv2.warpAffine(self._moving, move, size, flags=how, borderMode=cv2.BORDER_REPLICATE)
        inside = cv2.warpAffine(np.ones_like(self._moving), move, size, flags=how)
        inside = cv2.threshold(inside, 0.99, 1, cv2.THRESH_BINARY)[1]
        inside[: self._margin] = inside[-self._margin :] = 0
        inside[:, : self._margin] = inside[:, -self._margin :] = 0
        if inside.sum() < 0.4 * inside.size:
            return 0.0, 0.0
        brightness = _correlation(self._fixed, laid, inside)
        return brightness, _correlation(self._detail, _detail(laid), inside)


def _detail(picture: np.ndarray) -> np.ndarray:
    """What lies between about 1 and 3 pixels: finer than that, compression and resizing change it."""
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 1.0) - cv2.blur(picture, (7, 7)))


def _correlation(one: np.ndarray, other: np.ndarray, inside: np.ndarray) -> float:
    """Pearson's, over the pixels where `inside` is 1."""
    one, other, mask = one.ravel(), other.ravel(), inside.ravel()
    count = float(mask.sum())
    one = (one - float(one @ mask) / count) * mask
    other = (other - float(other @ mask) / count) * mask
    length = float(np.sqrt(float(one @ one) * float(other @ other)))
    return float(one @ other) / length if length > _LEAST_VARIANCE * count else 0.0
