"""Masks, stains and simple features of cells.

Everything here uses the pixels of single-cell photographs (uint8 RGB) and knows neither labels
nor models. `features` turns an image into a row of colour and texture numbers, enough for a linear
model (`linear`) to tell most blood cells apart. `stains` measures the dye, `masks` finds cell and nucleus,
`presence` says whether there is a cell at all.
"""

from bcc.cells.cell_measurements import KINDS_OF_MASK, MEASURED, measure_masks, three_masks
from bcc.cells.embedding import components, neighbour_map, principal_plane
from bcc.cells.features import FEATURE_COUNT, simple_features
from bcc.cells.linear_model import linear_probabilities, out_of_fold_probabilities
from bcc.cells.mask_accuracy import has_known_masks, painted_dice
from bcc.cells.masks import cell_mask, dice, mask_measurements, masks, nucleus_mask, violet_mask
from bcc.cells.presence import holding_cells, holds_cell
from bcc.cells.shapes import SHAPE_COLUMNS, shape_features

__all__ = [
    "FEATURE_COUNT",
    "KINDS_OF_MASK",
    "MEASURED",
    "SHAPE_COLUMNS",
    "cell_mask",
    "components",
    "dice",
    "has_known_masks",
    "holding_cells",
    "holds_cell",
    "linear_probabilities",
    "mask_measurements",
    "masks",
    "measure_masks",
    "neighbour_map",
    "nucleus_mask",
    "out_of_fold_probabilities",
    "painted_dice",
    "principal_plane",
    "shape_features",
    "simple_features",
    "three_masks",
    "violet_mask",
]
