"""Profile of the images of a dataset, in measurements that differ between laboratories.

Between laboratories the light and the glass differ, the dyes, how large a cell lies in the image, how sharp
it is and how much detail the camera kept. Each is measured here on a sample of a set, so that two sets can be
compared.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

import cv2
import numpy as np

from bcc.cells.masks import cell_in
from bcc.cells.stain_directions import StainDirections, estimate_stain_directions
from bcc.cells.stains import background_colour, optical_density
from bcc.errors import UserError
from bcc.progress import Progress

SAMPLE = 300
"""Images that are measured of a larger set, spread evenly over it."""
MEASURED = ("glass_red", "glass_green", "glass_blue", "cell_share", "edge_width", "detail")
"""What is measured on every image; see `measure_image`."""
SCALE_LIMIT = 1 / 3
"""A cell size that differs by more than this share is said wherever a run meets images."""
DETAIL_POWER = 0.9
"""Share of the power of an image's edges below the frequency that counts as its finest detail."""
_THREADS = 2


@dataclass(frozen=True)
class SetProfile:
    """Profile of a set of images.

    Attributes:
        n: images that were measured.
        side: shorter side of the images, px.
        middle: name (`MEASURED`) -> median over the images.
        spread: name -> robust standard deviation (1.4826 times the median distance from the median).
        azure, eosin: colours of the two dyes (`StainDirections`); `None` where too little is stained.
        lab_mean, lab_spread: mean and standard deviation of all pixels in CIELAB; `None` in older profiles.
    """

    n: int
    side: int
    middle: dict[str, float]
    spread: dict[str, float]
    azure: tuple[float, float, float] | None = None
    eosin: tuple[float, float, float] | None = None
    lab_mean: tuple[float, float, float] | None = None
    lab_spread: tuple[float, float, float] | None = None

    @property
    def glass(self) -> tuple[float, float, float]:
        """Red, green and blue of the bare glass, 0..255."""
        red, green, blue = (self.middle[f"glass_{name}"] for name in ("red", "green", "blue"))
        return red, green, blue

    @property
    def stain(self) -> StainDirections | None:
        """Both dyes and the glass; `None` where too little is stained."""
        if self.azure is None or self.eosin is None:
            return None
        return StainDirections(self.azure, self.eosin, self.glass)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> SetProfile:
        """Back from `to_dict`.

        Raises:
            UserError: a value is missing or of another kind.
        """
        try:
            middle, spread = (
                {name: float(values[part][name]) for name in MEASURED} for part in ("middle", "spread")
            )
            return cls(
                int(values["n"]), int(values["side"]), middle, spread,
                _colour(values.get("azure")), _colour(values.get("eosin")),
                _colour(values.get("lab_mean")), _colour(values.get("lab_spread")),
            )  # fmt: skip
        except (KeyError, TypeError, ValueError) as error:
            raise UserError(
                "The profile of a set's images is damaged: it is to be measured again."
            ) from error


def _colour(values: Any) -> tuple[float, float, float] | None:
    if values is None:
        return None
    red, green, blue = (float(value) for value in values)
    return red, green, blue


def measure_image(image: np.ndarray) -> tuple[float, ...]:
    """Measure one image.

    Args:
        image: uint8 (H, W, 3) RGB.

    Returns:
        In the order of `MEASURED`: the colour of the bare glass (0..255 each), the diameter of the cell (of a
        disc with its area) as a share of the image's shorter side, NaN where no cell is found, the width of
        the sharpest edges in px, and the side in px to which the image could be reduced without losing them.
    """
    image = np.ascontiguousarray(image)
    glass = background_colour(image)
    cell = cell_in(optical_density(image, glass))
    side = min(image.shape[:2])
    area = np.count_nonzero(cell)
    share = 2 * np.sqrt(area / np.pi) / side if area else np.nan
    green = image[..., 1].astype(np.float32)
    return (*map(float, glass), float(share), _edge_width(green), _detail(green))


def _edge_width(grey: np.ndarray) -> float:
    """Contrast over the steepest slopes: how many px an edge takes from dark to light."""
    across, down = cv2.Sobel(grey, cv2.CV_32F, 1, 0) / 8, cv2.Sobel(grey, cv2.CV_32F, 0, 1) / 8
    steepest = float(np.percentile(np.hypot(across, down), 99))
    low, high = np.percentile(grey, [5, 95])
    return float((high - low) / steepest) if steepest > 0 else float(min(grey.shape))


def _detail(grey: np.ndarray) -> float:
    """Side in px that holds `DETAIL_POWER` of the power of the edges, from the spectrum of the image."""
    height, width = grey.shape
    window = np.outer(np.hanning(height), np.hanning(width)).astype(np.float32)
    power = np.abs(np.fft.rfft2((grey - grey.mean()) * window)) ** 2
    # Cycles per pixel; a slope weighs its frequency, so that large plain areas do not hide the detail.
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None])
    edges = power * frequency**2
    bins = np.minimum((frequency * 2 * 200).astype(np.int64), 200)
    total = np.cumsum(np.bincount(bins.ravel(), edges.ravel(), minlength=201))
    if total[-1] <= 0:
        return 0.0
    reached = float(np.searchsorted(total, DETAIL_POWER * total[-1]) / 200)
    return float(reached * min(height, width))


def profile_of(
    images: np.ndarray, rows: np.ndarray | None = None, progress: Progress | None = None
) -> SetProfile:
    """Measure a set.

    Args:
        images: uint8 (N, H, W, 3) RGB, may be memory-mapped.
        rows: int (M,), rows to measure; `SAMPLE` spread evenly over the set when missing.
        progress: called with (share done, sentence).

    Raises:
        UserError: there is no image.
    """
    if not len(images) or (rows is not None and not len(rows)):
        raise UserError("There is no image to measure.")
    if rows is None:
        rows = np.unique(np.linspace(0, len(images) - 1, min(len(images), SAMPLE)).astype(np.int64))
    table = np.empty((len(rows), len(MEASURED)))
    with ThreadPoolExecutor(_THREADS) as pool:
        for place, values in enumerate(pool.map(lambda row: measure_image(np.asarray(images[row])), rows)):
            table[place] = values
            if progress is not None and place % 20 == 0:
                progress(0.7 * place / len(rows), f"Measuring {place:,} of {len(rows):,} images")
    found = ~np.isnan(table).all(axis=0)
    middle = np.where(found, np.nanmedian(np.where(found, table, 0), axis=0), np.nan)
    spread = 1.4826 * np.where(
        found, np.nanmedian(np.abs(np.where(found, table - middle, 0)), axis=0), np.nan
    )
    azure = eosin = None
    # Where too little is stained to tell the dyes, the rest can be said all the same.
    with suppress(UserError):
        stain = estimate_stain_directions(images, rows, _later(progress))
        azure, eosin = stain.azure, stain.eosin
    lab_mean, lab_spread = _lab_moments(images, rows)
    return SetProfile(
        len(rows),
        int(min(images.shape[1:3])),
        dict(zip(MEASURED, map(float, middle), strict=True)),
        dict(zip(MEASURED, map(float, spread), strict=True)),
        azure,
        eosin,
        lab_mean,
        lab_spread,
    )


def _lab_moments(
    images: np.ndarray, rows: np.ndarray
) -> tuple[tuple[float, float, float] | None, tuple[float, float, float] | None]:
    """Mean and standard deviation of L, a and b over all pixels of some rows."""
    sums, squares, pixels = np.zeros(3), np.zeros(3), 0
    for row in rows:
        lab = cv2.cvtColor(np.asarray(images[row], np.float32) / 255, cv2.COLOR_RGB2LAB).reshape(-1, 3)
        sums += lab.sum(axis=0, dtype=np.float64)
        squares += np.einsum("nc,nc->c", lab, lab, dtype=np.float64)
        pixels += len(lab)
    mean = sums / pixels
    return _colour(mean), _colour(np.sqrt(np.maximum(squares / pixels - mean**2, 0)))


def _later(progress: Progress | None) -> Progress | None:
    if progress is None:
        return None
    return lambda share, text: progress(0.7 + 0.3 * share, text)
