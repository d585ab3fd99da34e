"""What looks at the images: the ConvNeXt family, heads, weights, saving and prediction.

Importing this package does not import tensorflow; the functions that build or load a model do.
"""

from bcc.models.architectures import ARCHITECTURES, SIZES, Architecture, ModelName, Size
from bcc.models.options import ModelOptions

__all__ = ["ARCHITECTURES", "SIZES", "Architecture", "ModelName", "ModelOptions", "Size"]
