"""The numbers about a set of predictions that go into a JSON file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bcc.evaluation.metrics.classification import per_class, summary


def scores(labels: np.ndarray, probabilities: np.ndarray, class_names: Sequence[str]) -> dict[str, Any]:
    """Overall and per-class scores as plain values.

    Args:
        labels: int64 (N,), positions in `class_names`, -1 for a class that the model does not know.
        probabilities: float (N, classes).
        class_names: names of the model's classes.

    Returns:
        `accuracy`, `macro_f1` (both 0..1), `n`, and `per_class`: name -> precision, recall, f1, support.
    """
    whole = summary(labels, probabilities)
    frame = per_class(labels, probabilities, class_names).set_index("class")
    columns = ["precision", "recall", "f1", "support"]
    return {
        "accuracy": float(whole["accuracy"]),
        "macro_f1": float(whole["macro_f1"]),
        "n": int(whole["n"]),
        "per_class": {
            str(name): {c: (int(row[c]) if c == "support" else float(row[c])) for c in columns}
            for name, row in frame[columns].iterrows()
        },
    }
