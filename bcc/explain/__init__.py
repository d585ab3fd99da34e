"""Why a model says what it says: saliency per picture and per class.

Importing this package does not import tensorflow; making an `Explainer` does.
"""

from bcc.explain.per_class import ClassSaliency, explain_classes, sample_per_class
from bcc.explain.saliency import METHODS, Explainer, Method, enlarge, scaled
from bcc.explain.stages import SMALLEST_MAP, Stage, default_stage, find_stage, stages

__all__ = [
    "METHODS",
    "SMALLEST_MAP",
    "ClassSaliency",
    "Explainer",
    "Method",
    "Stage",
    "default_stage",
    "enlarge",
    "explain_classes",
    "find_stage",
    "sample_per_class",
    "scaled",
    "stages",
]
