"""Parts of the image are taken away, so that no single part decides."""

from bcc.augment.hiding.cell_only import CellOnly
from bcc.augment.hiding.cutout import CutOut
from bcc.augment.hiding.grid_mask import GridMask
from bcc.augment.hiding.random_grid import RandomGrid
from bcc.augment.hiding.split_rotate import SplitRotate

__all__ = [
    "CellOnly",
    "CutOut",
    "GridMask",
    "RandomGrid",
    "SplitRotate",
]
