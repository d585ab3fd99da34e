"""Scores and calibration per group: patient, slide, laboratory, or any column of a dataset."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from bcc.evaluation.calibration.reliability import expected_calibration_error
from bcc.evaluation.metrics.classification import summary
from bcc.wilson import wilson

NO_VALUE = "(no value)"
MOST_GROUPS = 1000


def scores_by_group(labels: np.ndarray, probabilities: np.ndarray, groups: Sequence[str]) -> pd.DataFrame:
    """Score every group by itself.

    Args:
        labels: int64 (N,), positions, -1 for a class that the model does not know.
        probabilities: float (N, K).
        groups: N values; an empty one counts as "(no value)".

    Returns:
        A line per group, the largest first, at most `MOST_GROUPS`: `group`, `n`, `accuracy` with `low` and
        `high` (95 %, Wilson), `macro_f1` and `balanced_accuracy` over the classes that the group has,
        `expected_calibration_error` (0..1), and `classes`, how many it has.
    """
    names = np.array([value or NO_VALUE for value in groups], object)
    found, counts = np.unique(names.astype(str), return_counts=True)
    lines = []
    for group in found[np.argsort(-counts, kind="stable")][:MOST_GROUPS]:
        inside = names == group
        scored = summary(labels[inside], probabilities[inside])
        low, high = wilson(np.array(scored["accuracy"]), np.array(scored["n"]))
        lines.append(
            {
                "group": str(group),
                "n": int(scored["n"]),
                "accuracy": scored["accuracy"],
                "low": float(low),
                "high": float(high),
                "macro_f1": scored["macro_f1"],
                "balanced_accuracy": scored["balanced_accuracy"],
                "expected_calibration_error": expected_calibration_error(
                    labels[inside], probabilities[inside]
                ),
                "classes": len(np.unique(labels[inside])),
            }
        )
    return pd.DataFrame(lines)
