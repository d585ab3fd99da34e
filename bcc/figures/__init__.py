"""A figure is a function: a frame or an array in, a `plotly.graph_objects.Figure` out.

Pages, reports and documentation call the same functions, so that a class has one colour everywhere
and every figure reads on light and on dark paper. Nothing else of bcc is imported here; what is in
the frames, and the titles around the figures, are left to the caller. No input, or an empty one,
gives an empty figure with a plain sentence in it.
"""

from bcc.figures.balance import class_counts
from bcc.figures.compare import run_curves
from bcc.figures.curves import batch_curve, training_curves
from bcc.figures.metrics import confusion, per_class_bars
from bcc.figures.saliency import heat, overlay
from bcc.figures.theme import CLASS_COLOURS, class_colours, empty

__all__ = [
    "CLASS_COLOURS",
    "batch_curve",
    "class_colours",
    "class_counts",
    "confusion",
    "empty",
    "heat",
    "overlay",
    "per_class_bars",
    "run_curves",
    "training_curves",
]
