"""Paint one cell: from a `CellSpec` to an image and its two masks.

This module only puts the layers in order; what each looks like is in `nucleus`, `cytoplasm`, `smear`
and `optics`.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from bcc.datasets.synthetic.cytoplasm import cytoplasm_shade, draw_granules, vacuoles
from bcc.datasets.synthetic.nucleus import chromatin, draw_nucleus
from bcc.datasets.synthetic.optics import BLUE, ORANGE, PINK, RED_CELL, VIOLET, photograph, transmitted
from bcc.datasets.synthetic.outlines import bend_outline, draw_waves
from bcc.datasets.synthetic.smear import draw_platelets, draw_red_cells
from bcc.datasets.synthetic.spec import PIXELS_PER_UM, CellSpec
from bcc.datasets.synthetic.streams import stream
from bcc.errors import UserError

SMALLEST, LARGEST = 32, 512


@dataclass(frozen=True)
class PaintedCell:
    """A synthetic image and the truth about it.

    Attributes:
        image: uint8 (size, size, 3) RGB.
        nucleus_mask: bool (size, size), empty for a platelet.
        cell_mask: bool (size, size), the whole cell, nucleus included.
    """

    image: np.ndarray
    nucleus_mask: np.ndarray
    cell_mask: np.ndarray


def paint(spec: CellSpec, size: int = 96) -> PaintedCell:
    """Paint a synthetic cell; the same spec gives the same bytes.

    Args:
        spec: what to paint.
        size: side of the image in pixels, 32 to 512. The cell is the same at any size.

    Raises:
        UserError: `size` is out of range.
    """
    if not SMALLEST <= size <= LARGEST:
        raise UserError(f"The size of a painted image is {SMALLEST} to {LARGEST} pixels, not {size}.")
    canvas = max(192, min(2 * size, LARGEST))
    cell = bend_outline(
        draw_waves(stream(spec.seed, "outline"), 1)[0],
        48.0 + spec.shift_right * PIXELS_PER_UM,
        48.0 + spec.shift_down * PIXELS_PER_UM,
        spec.cell_size * PIXELS_PER_UM,
        spec.elongation,
        spec.orientation,
        spec.irregularity,
        spec.fringe,
    )
    body = cell.fill(canvas)
    nucleus = draw_nucleus(spec, cell, canvas)
    granules = draw_granules(spec, cell, nucleus)
    soft = cv2.GaussianBlur(body, (0, 0), 0.45 * canvas / 96.0)
    around = 1.0 - soft
    filled = 1.0 - vacuoles(spec, cell, canvas) if spec.vacuoles > 0.0 else np.float32(1.0)
    cytoplasm = soft * (1.0 - nucleus) * cytoplasm_shade(spec, cell, body) * filled
    dark = granules.dark * np.float32(spec.dark_granule_density)
    nuclear = nucleus * chromatin(spec, nucleus) if spec.nucleus_size > 0.0 else nucleus
    # A vacuole lies above or below the nucleus and lets some of it show.
    nuclear, dark = nuclear * np.sqrt(filled), dark * filled
    # Granules above the nucleus hide it more than they add to it.
    violet = np.maximum(nuclear, dark) + np.float32(0.35) * np.minimum(nuclear, dark)
    red = draw_red_cells(spec, cell, canvas)
    platelet, platelet_granules = draw_platelets(spec, cell, canvas)
    layers = [
        (violet + np.float32(0.9) * platelet_granules * around, VIOLET),
        (cytoplasm * np.float32(spec.cytoplasm_blue) + np.float32(0.3) * platelet * around, BLUE),
        (cytoplasm * np.float32(spec.cytoplasm_pink), PINK),
        (red * around * np.float32(spec.red_cell_density), RED_CELL),
        (soft * filled * granules.orange * np.float32(spec.orange_granule_density), ORANGE),
    ]
    light = transmitted(spec, layers)
    image = photograph(spec, light, size)
    cell_mask = _at(body, size) >= 0.5
    return PaintedCell(image, (_at(nucleus, size) >= 0.5) & cell_mask, cell_mask)


def _at(area: np.ndarray, size: int) -> np.ndarray:
    return cv2.resize(area, (size, size), interpolation=cv2.INTER_AREA) if len(area) != size else area
