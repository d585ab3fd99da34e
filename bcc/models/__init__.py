"""What looks at the pictures: the ConvNeXt family, heads, weights, saving and prediction.

Importing this package does not import tensorflow; the functions that build or load a model do.
"""

from bcc.models.options import ModelOptions
from bcc.models.sizes import ARCHITECTURES, SIZES, Architecture, ModelName, Size

__all__ = ["ARCHITECTURES", "SIZES", "Architecture", "ModelName", "ModelOptions", "Size"]
