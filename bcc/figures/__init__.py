"""A figure is a function: a frame or an array in, a `plotly.graph_objects.Figure` out.

Pages, reports and documentation call the same functions, so that a class has one colour everywhere
and every figure reads on light and on dark paper. Nothing else of bcc is imported here; what is in
the frames, and the titles around the figures, are left to the caller. No input, or an empty one,
gives an empty figure with a plain sentence in it.
"""

from __future__ import annotations

import importlib
from typing import Any

_HOMES = {
    "CLASS_COLOURS": "colours",
    "batch_curve": "curves",
    "before_and_after": "balance",
    "class_colours": "colours",
    "class_counts": "balance",
    "class_probabilities": "explanation",
    "confusion": "metrics",
    "empty": "theme",
    "field_importance": "search",
    "randomisation_curves": "explanation",
    "label": "safe_names",
    "map_difference": "explanation",
    "map_of_rows": "dataset_map",
    "measured_ranges": "cell_measurements",
    "measured_scatter": "cell_measurements",
    "outlined": "outlines",
    "overlay": "saliency",
    "oversampled": "balance",
    "parallel_runs": "compare",
    "precision_recall_curves": "scores",
    "probability_sweep": "explanation",
    "progress_by_day": "practice",
    "reliability_diagram": "calibration",
    "risk_coverage_curves": "calibration",
    "robustness_map": "robustness",
    "roc_curves": "scores",
    "run_curves": "compare",
    "score_intervals": "scores",
    "search_history": "search",
    "strength_curve": "robustness",
    "training_curves": "curves",
    "trust_bars": "explanation",
    "what_if_answer": "sweep",
}
__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    """Load a figure's module when it is first asked for: plotly takes 0.4 s, and not every page draws."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
