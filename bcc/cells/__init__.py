"""Where the cell is, how it is stained, and which simple numbers describe it.

Everything here looks at the pixels of single-cell photographs (uint8 RGB) and knows neither labels
nor models. `features` turns a picture into a row of colour and texture numbers, enough for a linear
model to tell most blood cells apart and for finding look-alikes and outliers.
"""

from bcc.cells.features import FEATURE_COUNT, simple_features

__all__ = ["FEATURE_COUNT", "simple_features"]
