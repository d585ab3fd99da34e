"""Where the cell is, how it is stained, and which simple numbers describe it.

Everything here looks at the pixels of single-cell photographs (uint8 RGB) and knows neither labels
nor models. `features` turns a picture into a row of colour and texture numbers, enough for a linear
model (`linear`) to tell most blood cells apart. `stains` measures the dye, `masks` finds cell and nucleus.
"""

from bcc.cells.features import FEATURE_COUNT, simple_features
from bcc.cells.linear import linear_probabilities, out_of_fold_probabilities
from bcc.cells.masks import cell_mask, dice, mask_measurements, masks, nucleus_mask, violet_mask

__all__ = [
    "FEATURE_COUNT",
    "cell_mask",
    "dice",
    "linear_probabilities",
    "mask_measurements",
    "masks",
    "nucleus_mask",
    "out_of_fold_probabilities",
    "simple_features",
    "violet_mask",
]
