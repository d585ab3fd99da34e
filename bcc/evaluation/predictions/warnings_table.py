"""What a run says of single images, in a table, with plain warnings beside answers not to be relied on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from bcc.datasets import SPLITS
from bcc.datasets.uploaded_images import UploadedImage
from bcc.evaluation.calibration.reliability import threshold_for
from bcc.evaluation.calibration.temperature import Calibration
from bcc.evaluation.predictions.out_of_distribution import OodDetector
from bcc.runs import Run

WANTED = 0.99
"""Accuracy, on validation images, of the answers that get no warning."""
LEAST, MOST = 0.5, 0.99
"""Bounds of what is proposed."""
USUAL_THRESHOLD = 0.9
"""Where that accuracy cannot be had, or not be measured."""

UNSURE = "unsure"
STRANGE = "looks like no cell of the training set"
NO_CELL = "no cell found in it"
"""Neither a nucleus nor a platelet: whatever a model answers, there is nothing to answer about."""


def proposed_threshold(run: Run, calibration: Calibration) -> tuple[float, str]:
    """Confidence below which a prediction gets a warning, 0.5..0.99, and where it comes from, in a sentence.

    99 of 100 validation predictions above it are right; `USUAL_THRESHOLD` where no confidence gives that.
    """
    said = run.read_predictions().of(SPLITS.index("validation"))
    found = threshold_for(said.labels, calibration(said.probabilities), WANTED)
    if not len(said.rows):
        why = "the run has no validation images to choose it on"
    elif found is None:
        why = f"on the run's validation images no threshold makes {WANTED:.0%} of the answers right"
    elif found.threshold < LEAST:
        return LEAST, (
            f"Proposed: {LEAST:.0%}, the lowest. {WANTED:.0%} of the answers about the run's "
            f"{len(said.rows):,} validation images are right even without a threshold so high."
        )
    elif found.threshold > MOST:
        return MOST, (
            f"Proposed: {MOST:.0%}, the highest, which is less than it takes for {WANTED:.0%} right answers "
            "about the run's validation images."
        )
    else:
        return found.threshold, (
            f"Proposed: where {WANTED:.0%} of the answers about the run's {len(said.rows):,} validation "
            "images are right."
        )
    return USUAL_THRESHOLD, f"Proposed: {USUAL_THRESHOLD:.0%}, as usual, for {why}."


def prediction_table(
    handed: Sequence[UploadedImage],
    probabilities: np.ndarray,
    class_names: Sequence[str],
    unsure_below: float,
    distances: np.ndarray | None = None,
    familiarity: OodDetector | None = None,
    smallest: int = 0,
    size: tuple[int, int] | None = None,
    held: np.ndarray | None = None,
    nearest: Sequence[str] | None = None,
) -> pd.DataFrame:
    """A line an image that could be read.

    Args:
        handed: everything that was handed over.
        probabilities: float (N, K), calibrated, of the readable ones in order.
        class_names: K names.
        unsure_below: confidence below which an answer is unsure.
        distances: float (N,) to the training rows, with their `familiarity`.
        smallest: side in pixels below which an image is called small.
        size: height and width of the run's images, where others were simply scaled to them: cells may
            then look smaller or larger than in training, which nothing else here notices.
        nearest: classes of the nearest training rows of each (`OodDetector.nearest_classes`).
        held: bool (N,), which of them hold a cell (`bcc.cells.holding_cells`); all when missing.

    Returns:
        file, warning ("" where there is none), predicted, probability, second, probability_of_second,
        distance, nearest, and a column of probability for each class.
    """
    read = [one for one in handed if one.image is not None]
    order = np.argsort(-probabilities, axis=1, kind="stable") if len(read) else np.zeros((0, 2), np.int64)
    strange = (
        familiarity.strange(distances)
        if familiarity is not None and distances is not None
        else np.zeros(len(read), bool)
    )
    lines = []
    for position, one in enumerate(read):
        assert one.image is not None
        first, second = int(order[position, 0]), int(order[position, 1])
        given = probabilities[position]
        warnings = [
            NO_CELL if held is not None and not held[position] else "",
            STRANGE if strange[position] else "",
            UNSURE if given[first] < unsure_below else "",
            _about_size(one.image, smallest, size),
        ]
        lines.append(
            {
                "file": one.name,
                "warning": "; ".join(filter(None, warnings)),
                "predicted": class_names[first],
                "probability": float(given[first]),
                "second": class_names[second],
                "probability_of_second": float(given[second]),
                "distance": np.nan if distances is None else float(distances[position]),
                "nearest": "" if nearest is None else nearest[position],
                **{name: float(p) for name, p in zip(class_names, given, strict=True)},
            }
        )
    head = [
        "file", "warning", "predicted", "probability", "second", "probability_of_second", "distance",
        "nearest",
    ]  # fmt: skip
    return pd.DataFrame(lines, columns=[*head, *class_names])


def _about_size(image: np.ndarray, smallest: int, size: tuple[int, int] | None) -> str:
    """What was done to an image of another size, which may show cells smaller or larger than in training."""
    height, width = image.shape[:2]
    if min(height, width) < smallest:
        return f"enlarged from {width} x {height} px"
    if size is not None and (height, width) != size:
        return f"scaled from {width} x {height} px"
    return ""
