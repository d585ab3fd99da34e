"""Explanations of predictions: saliency per image and per class, and whether to believe it (`trust`).

Importing this package does not import tensorflow; making an `Explainer` does.
"""

from bcc.explain.engines import (
    ENGINES,
    OURS,
    Agreement,
    agreement,
    check_engine,
    explainer_by,
    has_method,
)
from bcc.explain.methods import KINDS, METHODS, Method, MethodName, find_method
from bcc.explain.per_class import ClassSaliency, difference, explain_classes, sample_per_class
from bcc.explain.saliency import Explainer, enlarge, scaled, smoothed
from bcc.explain.stages import SMALLEST_MAP, Stage, default_stage, find_stage, stages

__all__ = [
    "ENGINES",
    "KINDS",
    "METHODS",
    "OURS",
    "SMALLEST_MAP",
    "Agreement",
    "ClassSaliency",
    "Explainer",
    "Method",
    "MethodName",
    "Stage",
    "agreement",
    "check_engine",
    "default_stage",
    "difference",
    "enlarge",
    "explain_classes",
    "explainer_by",
    "find_method",
    "find_stage",
    "has_method",
    "sample_per_class",
    "scaled",
    "smoothed",
    "stages",
]
