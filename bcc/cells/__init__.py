"""Where the cell is, how it is stained, and which simple numbers describe it.

Everything here looks at the pixels of single-cell photographs (uint8 RGB) and knows neither labels
nor models. `features` turns a picture into a row of colour and texture numbers, enough for a linear
model (`linear`) to tell most blood cells apart. `stains` measures the dye, `masks` finds cell and nucleus.
"""

from bcc.cells.features import FEATURE_COUNT, simple_features
from bcc.cells.linear import linear_probabilities, out_of_fold_probabilities
from bcc.cells.mask_report import painted_dice
from bcc.cells.masks import cell_mask, dice, mask_measurements, masks, nucleus_mask, violet_mask
from bcc.cells.shapes import SHAPE_COLUMNS, shape_features

__all__ = [
    "FEATURE_COUNT",
    "SHAPE_COLUMNS",
    "cell_mask",
    "dice",
    "linear_probabilities",
    "mask_measurements",
    "masks",
    "nucleus_mask",
    "out_of_fold_probabilities",
    "painted_dice",
    "shape_features",
    "simple_features",
    "violet_mask",
]
