"""Saliency maps and activation maximisation by tf-keras-vis, to compare with those of BCC.

BCC compiles its graphs and takes batches; the library runs eagerly. It is included so that anyone can check
that both give the same result.
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
