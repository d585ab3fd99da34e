"""The same questions asked of tf-keras-vis: maps beside ours, and images made up under its regularisers.

Ours are compiled and take batches; the library works one operation after the other. It is here so that anyone
can see that both find the same.
"""

from bcc.explain.keras_vis.activation_maximisation import MadeUpOptions, class_images_of_library
from bcc.explain.keras_vis.maps import LIBRARY, METHODS_OF_LIBRARY, LibraryExplainer

__all__ = [
    "LIBRARY",
    "METHODS_OF_LIBRARY",
    "LibraryExplainer",
    "MadeUpOptions",
    "class_images_of_library",
]
