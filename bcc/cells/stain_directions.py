"""Colours of the two main dyes, estimated from the images themselves.

Azure and eosin differ a little between laboratories, and so do cameras. Macenko et al. ("A method
for normalizing histology slides for quantitative analysis", 2009) find both in the pixels: what two dyes
colour lies in a plane of optical densities, between the two directions. Here red cells and glass are left
out first, since haemoglobin is a third colour. `bcc.cells.stains` measures the density itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bcc.cells.masks import cell_in
from bcc.cells.stains import background_colour, optical_density
from bcc.errors import UserError
from bcc.progress import Progress

FAINT = 0.15
"""Optical density below which a pixel says little about the colour of a dye."""
OUTER = 1.0
"""Percentile of the angles at either end that counts as the purest dye; beyond it is noise."""
_PIXELS_A_IMAGE = 1000
_LEAST_PIXELS = 500


@dataclass(frozen=True)
class StainDirections:
    """How two dyes darken red, green and blue light.

    Attributes:
        azure: (red, green, blue) of unit length; the dye of the nuclei, which takes away most red.
        eosin: (red, green, blue) of unit length; the dye of the granules, which takes away green.
        glass: (red, green, blue) in 0..255, the middle colour of bare glass.
    """

    azure: tuple[float, float, float]
    eosin: tuple[float, float, float]
    glass: tuple[float, float, float]

    def angle_to(self, other: StainDirections) -> float:
        """The larger of the angles between the two azures and between the two eosins, in degrees."""
        cosines = [np.dot(self.azure, other.azure), np.dot(self.eosin, other.eosin)]
        return float(np.degrees(np.arccos(np.clip(min(cosines), -1, 1))))


def estimate_stain_directions(
    images: np.ndarray,
    rows: np.ndarray | None = None,
    progress: Progress | None = None,
) -> StainDirections:
    """Find the two dyes of a set of images; the same images always give the same directions.

    Args:
        images: uint8 (N, H, W, 3) RGB, may be memory-mapped.
        rows: which rows to use; 300 spread evenly over the set when missing.
        progress: called with (share done, sentence) now and then.

    Raises:
        UserError: too little of the images is stained to tell.
    """
    if rows is None:
        rows = np.unique(np.linspace(0, len(images) - 1, min(len(images), 300)).astype(np.int64))
    pixels, glass = [], []
    for place, row in enumerate(rows):
        image = np.ascontiguousarray(images[row])
        glass.append(background_colour(image))
        density = optical_density(image, glass[-1])
        own = density[cell_in(density)]
        own = own[own.max(axis=1) > FAINT]
        # A large cell says no more about the dye than a small one.
        pixels.append(own[:: len(own) // _PIXELS_A_IMAGE + 1])
        if progress is not None and place % 20 == 0:
            progress(place / len(rows), f"Measuring the stain of {place:,} of {len(rows):,} cells")
    stained = np.concatenate(pixels) if pixels else np.empty((0, 3), np.float32)
    if len(stained) < _LEAST_PIXELS:
        raise UserError(
            f"Only {len(stained):,} pixels of {len(rows):,} images are stained by azure and eosin: too few "
            "to estimate the dyes. Use the shipped directions."
        )
    azure, eosin = _ends(stained.astype(np.float64))
    middle = np.median(glass, axis=0)
    red, green, blue = (round(float(value), 1) for value in middle)
    return StainDirections(azure, eosin, (red, green, blue))


def _ends(density: np.ndarray) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """Directions of azure and eosin: the outermost ones in the plane that holds most of the density."""
    _, vectors = np.linalg.eigh(density.T @ density)
    plane = vectors[:, [2, 1]]
    plane = plane * np.where(plane.sum(axis=0) < 0, -1, 1)
    along = density @ plane
    angles = np.percentile(np.arctan2(along[:, 1], along[:, 0]), [OUTER, 100 - OUTER])
    ends = [plane @ [np.cos(angle), np.sin(angle)] for angle in angles]
    ends.sort(key=lambda end: -float(end[0]))
    (a, b, c), (d, e, f) = (
        [round(float(value), 3) for value in np.clip(end, 0, None) / np.linalg.norm(np.clip(end, 0, None))]
        for end in ends
    )
    return (a, b, c), (d, e, f)
