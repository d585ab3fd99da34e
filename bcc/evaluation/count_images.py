"""Count the cells of a dataset, a folder or single images with a run: its answers, and the differential of
them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from bcc.errors import UserError
from bcc.evaluation.calibration.temperature import Calibration, calibration_of
from bcc.evaluation.differential import (
    NO_CELL,
    UNFAMILIAR,
    UNSURE,
    Confusion,
    Differential,
    confusion_of,
    count_cells,
)
from bcc.evaluation.predictions.out_of_distribution import OodDetector, ood_detector_of
from bcc.evaluation.predictions.predict_images import Predicted, predict
from bcc.evaluation.predictions.sample_predictions import of_split
from bcc.evaluation.predictions.warnings_table import proposed_threshold
from bcc.evaluation.rows import scored_splits
from bcc.progress import Progress
from bcc.runs import Run

Extract = Callable[..., tuple[np.ndarray, np.ndarray]]
"""A `bcc.models.features.FeatureExtractor`."""


@dataclass(frozen=True)
class Counted:
    """A differential and what it was made of.

    Attributes:
        differential: the counts.
        predicted: what the run says of each image, not calibrated.
        table: a line per image: `file` where known, `class` (or one of `OTHERS`), `probability`,
            `corrected` (whether a reviewer gave the class).
        unsure_below: confidence below which a cell counts as unsure.
    """

    differential: Differential
    predicted: Predicted
    table: pd.DataFrame
    unsure_below: float


def count(
    run: Run,
    sources: Sequence[str],
    extract: Extract,
    *,
    unsure_below: float | None = None,
    corrections: Mapping[str, str] | None = None,
    preprocessing: str | None = None,
    layout: str | None = None,
    progress: Progress | None = None,
) -> Counted:
    """Count cells.

    Args:
        run: with its predictions on test or validation images, by which it is calibrated.
        sources: as of `bcc.evaluation.predictions.predict_images.predict`.
        extract: gives probabilities and features of the run's model.
        unsure_below: confidence below which a cell counts as unsure; as the run proposes when missing.
        corrections: name of a file -> class, as a reviewer decided.
        preprocessing: how files become pixels; the run's own by default.
        layout: what the folders of a dataset are.
        progress: called with (share done, sentence).

    Raises:
        UserError: there are no images, or a correction names none of them.
    """
    calibration = calibration_of(run)
    below = proposed_threshold(run, calibration)[0] if unsure_below is None else unsure_below
    known = ood_detector_of(run, extract, progress)
    ask = _Recorder(extract, known)
    found = predict(run, sources, None, preprocessing, progress, layout, lambda _: ask)
    given = _by_place(corrections or {}, found.files)
    probabilities = calibration(found.probabilities)
    differential = count_cells(
        probabilities,
        found.class_names,
        unsure_below=below,
        strange=ask.strange,
        held=found.held,
        corrections=given,
        confusion=measured_confusion(run, calibration, below),
    )
    if known is None:
        note = "How familiar the cells are is not known: the data that the run was trained on is not here."
        differential = replace(differential, notes=(*differential.notes, note))
    table = fates(found, probabilities, below, ask.strange, given)
    return Counted(differential, found, table, below)


def measured_confusion(run: Run, calibration: Calibration, unsure_below: float) -> Confusion:
    """The run's confusion on the split that it is scored on."""
    split = scored_splits(run)[0]
    answers = of_split(run, split)
    source = f"{len(answers.rows):,} {split} images of the run"
    return confusion_of(answers.labels, calibration(answers.probabilities), unsure_below, source)


def fates(
    found: Predicted,
    probabilities: np.ndarray,
    unsure_below: float,
    strange: np.ndarray | None,
    corrections: Mapping[int, str],
) -> pd.DataFrame:
    """What each image counts as; see `Counted.table`."""
    names = np.array(found.class_names, object)[probabilities.argmax(axis=1)]
    sure = probabilities.max(axis=1)
    names[sure < unsure_below] = UNSURE
    if strange is not None:
        names[strange] = UNFAMILIAR
    names[~found.held] = NO_CELL
    corrected = np.zeros(len(names), bool)
    for place, name in corrections.items():
        names[place], corrected[place] = name, True
    frame = pd.DataFrame({"class": names, "probability": sure, "corrected": corrected})
    if found.files is None:
        frame.insert(0, "index", np.arange(len(frame)))
    else:
        frame.insert(0, "file", np.array(found.files, object))
    return frame


class _Recorder:
    """Answers like a predictor, and remembers which images look unlike the training set."""

    def __init__(self, extract: Extract, known: OodDetector | None) -> None:
        self._extract, self._known = extract, known
        self._strange: list[np.ndarray] = []

    def __call__(
        self, images: np.ndarray, rows: np.ndarray | None = None, progress: Progress | None = None
    ) -> np.ndarray:
        probabilities, features = self._extract(images, rows, progress)
        if self._known is not None:
            self._strange.append(self._known.strange(self._known.distances(features)))
        return probabilities

    @property
    def strange(self) -> np.ndarray | None:
        """bool, of all images in the order in which they were asked about."""
        return np.concatenate(self._strange) if self._strange else None


def _by_place(corrections: Mapping[str, str], files: tuple[str, ...] | None) -> dict[int, str]:
    if not corrections:
        return {}
    if files is None:
        raise UserError("These images have no file names, so that corrections cannot name them.")
    places = {name: at for at, name in enumerate(files)}
    unknown = [name for name in corrections if name not in places]
    if unknown:
        raise UserError(
            f"A correction names '{unknown[0][:80]}', which is none of the {len(files):,} images."
        )
    return {places[name]: label for name, label in corrections.items()}
