"""What a run says of single pictures, in a table, with plain warnings beside answers not to be relied on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from bcc.datasets import SPLITS
from bcc.datasets.handed_over import Handed
from bcc.evaluation.calibration import Calibration
from bcc.evaluation.familiarity import Familiarity
from bcc.evaluation.sureness import threshold_for
from bcc.runs import Run

WANTED = 0.99
"""Accuracy, on validation pictures, of the answers that get no warning."""
USUAL_THRESHOLD = 0.9
"""Where that accuracy cannot be had, or not be measured."""

UNSURE = "unsure"
STRANGE = "looks like no cell of the training set"


def caution_threshold(run: Run, calibration: Calibration) -> float:
    """Calibrated sureness below which an answer deserves a warning, 0.5..0.99: 99 of 100 validation answers
    above it are right."""
    said = run.read_predictions().of(SPLITS.index("validation"))
    found = threshold_for(said.labels, calibration(said.probabilities), WANTED)
    return USUAL_THRESHOLD if found is None else float(np.clip(found.threshold, 0.5, 0.99))


def opinions(
    handed: Sequence[Handed],
    probabilities: np.ndarray,
    class_names: Sequence[str],
    unsure_below: float,
    distances: np.ndarray | None = None,
    familiarity: Familiarity | None = None,
    smallest: int = 0,
    size: tuple[int, int] | None = None,
) -> pd.DataFrame:
    """A line a picture that could be read.

    Args:
        handed: everything that was handed over.
        probabilities: float (N, K), calibrated, of the readable ones in order.
        class_names: K names.
        unsure_below: sureness below which an answer is unsure.
        distances: float (N,) to the training rows, with their `familiarity`.
        smallest: side in pixels below which a picture is called small.
        size: height and width of the run's pictures, where others were simply scaled to them: cells may
            then look smaller or larger than in training, which nothing else here notices.

    Returns:
        file, predicted, probability, second, probability_of_second, warning ("" where there is none),
        distance, and a column of probability for each class.
    """
    read = [one for one in handed if one.picture is not None]
    order = np.argsort(-probabilities, axis=1, kind="stable") if len(read) else np.zeros((0, 2), np.int64)
    strange = (
        familiarity.strange(distances)
        if familiarity is not None and distances is not None
        else np.zeros(len(read), bool)
    )
    lines = []
    for position, one in enumerate(read):
        assert one.picture is not None
        first, second = int(order[position, 0]), int(order[position, 1])
        said = probabilities[position]
        height, width = one.picture.shape[:2]
        warnings = []
        if strange[position]:
            warnings.append(STRANGE)
        if said[first] < unsure_below:
            warnings.append(UNSURE)
        if min(height, width) < smallest:
            warnings.append(f"enlarged from {width} x {height} px")
        elif size is not None and (height, width) != size:
            warnings.append(f"scaled from {width} x {height} px")
        lines.append(
            {
                "file": one.name,
                "predicted": class_names[first],
                "probability": float(said[first]),
                "second": class_names[second],
                "probability_of_second": float(said[second]),
                "warning": "; ".join(warnings),
                "distance": np.nan if distances is None else float(distances[position]),
                **{name: float(p) for name, p in zip(class_names, said, strict=True)},
            }
        )
    head = ["file", "predicted", "probability", "second", "probability_of_second", "warning", "distance"]
    return pd.DataFrame(lines, columns=[*head, *class_names])
