"""Which stained pixels belong to the cell and not to adjacent red cells: three candidates.

No single rule holds for every laboratory. Haemoglobin takes away more blue than the dyes of May-Gruenwald and
Giemsa do; where the stain or the camera is another, the red cells that lie apart in the same image show
their own colour; and where cytoplasm looks just like a red cell, only its outline tells. Which answer gives
the most whole cell is decided in `bcc.cells.masks`.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from bcc.cells.stains import BLUE_TO_GREEN, middle

LEAST_STAIN = 0.05
"""Share of the nucleus's optical density (all channels together) below which a pixel is bare glass."""
LEAST_BESIDE = 0.2
"""The same as a share of what is usual among the stained pixels beside the nucleus."""
LEAST_APART = 0.012
"""Share of the image that red cells must cover to show their colour."""
_APART = 7
"""Width in pixels, at 96, of the bridges over which a red cell still counts as apart."""
_REACH = 0.8
"""How far around the nucleus the cytoplasm counts as the cell's own, in radii of the nucleus."""
_NUCLEUS_COUNTS = 0.15
"""Weight of the nucleus beside the cytoplasm: a cell that is nearly all nucleus has no other colour."""
_NOISE = 4e-4
"""Variance of the share of a channel that every colour is granted: two pure colours can be told apart."""


class CellPixels:
    """The stained pixels of one image, and which of them may be the cell's.

    Attributes:
        stained: bool (H, W), all but bare glass.
    """

    def __init__(self, density: np.ndarray, nucleus: np.ndarray) -> None:
        """Tell stain from glass.

        Args:
            density: float32 (H, W, 3), from `bcc.cells.stains.optical_density`.
            nucleus: bool (H, W), the cell's densest parts, not empty.
        """
        self._nucleus = nucleus
        self._smooth = cv2.GaussianBlur(density, (5, 5), 0)
        self._total = cv2.transform(self._smooth, np.ones((1, 3), np.float32))
        self._dense = middle(self._total[nucleus][::3])
        self.stained = self._total > LEAST_STAIN * self._dense
        beside = self._total[self.stained & ~nucleus][::3]
        if beside.size:
            self.stained &= self._total > LEAST_BESIDE * middle(beside)

    def by_haemoglobin(self) -> np.ndarray:
        """bool (H, W): stained in another colour than haemoglobin has."""
        return np.asarray(self.stained & (self._smooth[..., 2] < BLUE_TO_GREEN * self._smooth[..., 1]))

    def by_own_red_cells(self) -> np.ndarray | None:
        """bool (H, W): nearer to the cell's colours than to those of what lies apart from it.

        Fisher's linear discriminant between the two; `None` where nothing lies apart.
        """
        stained, nucleus, smooth, total = self.stained, self._nucleus, self._smooth, self._total
        dense = self._dense
        radius = float(np.sqrt(np.count_nonzero(nucleus) / np.pi))
        away = cv2.distanceTransform((~nucleus).view(np.uint8), cv2.DIST_L2, 3)
        near, apart = _near_and_apart(stained, nucleus)
        if apart.mean() < LEAST_APART:
            apart = stained & (away > 1.6 * radius + 0.03 * min(stained.shape))
            if apart.mean() < LEAST_APART:
                return None
        # Faint pixels have a noisy colour, and very dense ones should not outweigh the rest. Every other
        # pixel of every other line tells as much as all.
        few = (slice(None, None, 2), slice(None, None, 2))
        weight = np.minimum(total[few], 0.5 * dense) * stained[few]
        close = np.exp(-((away[few] / (_REACH * radius)) ** 2)) * np.where(nucleus[few], _NUCLEUS_COUNTS, 1)
        # Share of red and of blue in what is taken away: the colour of a dye, however much of it there is.
        whole = np.maximum(total[few], 1e-6)
        red, blue = smooth[few][..., 0] / whole, smooth[few][..., 2] / whole
        near, apart = near[few], apart[few]
        own = _Colours.of(red[near], blue[near], (weight * close)[near])
        other = _Colours.of(red[apart], blue[apart], weight[apart])
        own_side: np.ndarray = stained & (cv2.transform(smooth, _between(own, other)) < 0)
        return own_side


def _near_and_apart(stained: np.ndarray, nucleus: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The stained piece that holds the nucleus, and the pieces that do not, thin bridges cut."""
    width = int(_APART * min(stained.shape) / 96) | 1
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width))
    inner = cv2.erode(stained.view(np.uint8), brush, borderType=cv2.BORDER_REPLICATE)
    count, numbers = cv2.connectedComponents(inner | nucleus.view(np.uint8))
    holds = np.zeros(count, bool)
    holds[numbers[nucleus]] = True
    others = ~holds
    others[0] = False
    return holds[numbers], others[numbers]


class _Colours(NamedTuple):
    """Weighted mean and covariance of the shares of red and of blue.

    Plain sums: products of matrices this small wake all threads of a linear algebra library for nothing.
    """

    red: float
    blue: float
    red_red: float
    red_blue: float
    blue_blue: float

    @classmethod
    def of(cls, red: np.ndarray, blue: np.ndarray, weights: np.ndarray) -> _Colours:
        """Of shares of red and blue, each (n,), with weights (n,)."""
        weights = weights / max(float(weights.sum()), 1e-9)
        means = float(weights @ red), float(weights @ blue)
        red, blue = red - means[0], blue - means[1]
        weighted = weights * red
        return cls(*means, float(weighted @ red), float(weighted @ blue), float((weights * blue) @ blue))

    def along(self, red: float, blue: float) -> tuple[float, float]:
        """Mean and standard deviation along a direction."""
        spread = red**2 * self.red_red + 2 * red * blue * self.red_blue + blue**2 * self.blue_blue
        return red * self.red + blue * self.blue, max(spread, 1e-12) ** 0.5


def _between(own: _Colours, other: _Colours) -> np.ndarray:
    """Fisher's discriminant, float32 (1, 3): below 0 times a density that is nearer to the own colours."""
    reds, blues = own.red_red + other.red_red + _NOISE, own.blue_blue + other.blue_blue + _NOISE
    both = own.red_blue + other.red_blue
    to_red, to_blue = other.red - own.red, other.blue - own.blue
    determinant = reds * blues - both**2
    red = (blues * to_red - both * to_blue) / determinant
    blue = (reds * to_blue - both * to_red) / determinant
    own_mean, own_width = own.along(red, blue)
    other_mean, other_width = other.along(red, blue)
    # As many standard deviations from the one as from the other.
    level = (own_mean * other_width + other_mean * own_width) / (own_width + other_width)
    return np.array([[red - level, -level, blue - level]], np.float32)
