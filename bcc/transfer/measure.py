"""A run on cells of another laboratory, beside its own test set."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from bcc.cells.set_profile import SetProfile, profile_of
from bcc.datasets import Dataset
from bcc.errors import UserError
from bcc.evaluation.calibration.reliability import expected_calibration_error
from bcc.evaluation.calibration.temperature import Calibration, calibration_of
from bcc.evaluation.class_matching import match_classes
from bcc.evaluation.predictions.out_of_distribution import Features, OodDetector
from bcc.evaluation.predictions.sample_predictions import SamplePredictions, of_split
from bcc.evaluation.rows import scored_splits
from bcc.progress import Progress
from bcc.runs import Run
from bcc.transfer.differences import Difference, differences
from bcc.transfer.home import home_profile
from bcc.transfer.rows import foreign_rows

CLASS_MIX = 0.2
"""Share of images that would have to change class for the sets to agree, from which on it is noted."""
FEWEST = 30
"""Fewer scored images say little: it is noted."""


@dataclass(frozen=True)
class Scores:
    """How good a run is on one set, over the classes that both sets have.

    Attributes:
        source: which set.
        n: images.
        overall: score -> value, low and high (95 % interval): accuracy, balanced_accuracy, macro_f1.
        calibration_error: of the calibrated probabilities, 0..1.
        unfamiliar: share of images unlike the run's training images, 0..1; `None` where nobody can tell.
    """

    source: str
    n: int
    overall: dict[str, tuple[float, float, float]]
    calibration_error: float
    unfamiliar: float | None


@dataclass(frozen=True)
class Transfer:
    """What was found on another set.

    Attributes:
        run: id of the run.
        there: scores on the other set.
        home: scores on the run's own test (or validation) images, over the same classes; `None` where the run
            saved no predictions of them.
        predictions: of the other set's images whose class the run knows.
        shared: classes that both have; only_here and only_there: those that one of them lacks.
        differences: what differs between the images, `None` where the run's own could not be measured.
        notes: sentences that belong beside the numbers.
    """

    run: str
    there: Scores
    home: Scores | None
    predictions: SamplePredictions
    shared: tuple[str, ...]
    only_here: tuple[str, ...]
    only_there: tuple[str, ...]
    differences: tuple[Difference, ...] | None
    notes: tuple[str, ...]

    def per_class(self) -> pd.DataFrame:
        """A line per shared class: class, precision, recall, f1, support, on the other set."""
        table = self.predictions.classes
        return table[table["class"].isin(self.shared)].reset_index(drop=True)

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON can hold it."""
        return {
            "run": self.run,
            "there": asdict(self.there),
            "home": None if self.home is None else asdict(self.home),
            "classes": {
                "shared": list(self.shared),
                "only_here": list(self.only_here),
                "only_there": list(self.only_there),
            },
            "per_class": self.per_class().to_dict("records"),
            "confusion": self.predictions.matrix.to_dict("split"),
            "differences": None if self.differences is None else [asdict(one) for one in self.differences],
            "notes": list(self.notes),
        }


def measure_transfer(
    run: Run,
    dataset: Dataset,
    extract: Features,
    familiarity: OodDetector | None = None,
    progress: Progress | None = None,
) -> Transfer:
    """Score a run on another laboratory's cells, and measure what differs.

    Args:
        run: a finished run, or the model that ships.
        dataset: labelled cells from elsewhere, prepared as the run wants its images.
        extract: `bcc.models.features.FeatureExtractor` of the run's model.
        familiarity: of the run, to tell images unlike its training images.
        progress: called with (share done, sentence).

    Raises:
        UserError: no class is shared, the set is the run's own, or no image is left to score.
    """
    chosen = foreign_rows(run, dataset)
    rows, labels = chosen.rows, chosen.labels
    probabilities, features = extract(dataset.images, rows, _part(progress, 0.0, 0.7))
    names = run.class_names
    predictions = SamplePredictions(rows, labels, probabilities, names, chosen.split, (), run.id)

    matching = match_classes(dataset.class_names, names)
    present = np.unique(labels)
    shared = tuple(names[label] for label in present)
    only_here = tuple(name for place, name in enumerate(names) if place not in present)
    calibration = calibration_of(run)
    strange = None if familiarity is None else familiarity.strange(familiarity.distances(features))
    there = _scores(predictions, dataset.source, calibration, strange)
    notes = list(chosen.notes)
    if matching.unknown:
        unknown = ", ".join(matching.unknown)
        notes.append(
            f"{chosen.left_out:,} images of classes that the run never saw ({unknown}) are left out."
        )
    if only_here:
        notes.append(f"No image there is of {', '.join(only_here)}: it may only be wrong to predict them.")
    if len(rows) < FEWEST:
        notes.append(f"Only {len(rows)} images could be scored: see how wide the intervals are.")
    if (mix := _class_mix_note(run, labels)) is not None:
        notes.append(mix)
    other = profile_of(dataset.images, chosen.sample, _part(progress, 0.7, 0.15))
    compared, note = _compared(run, other, _part(progress, 0.85, 0.15))
    return Transfer(
        run.id,
        there,
        _home(run, present, calibration),
        predictions,
        shared,
        only_here,
        matching.unknown,
        compared,
        (*notes, *([note] if note else [])),
    )


def _scores(
    predictions: SamplePredictions, source: str, calibration: Calibration, strange: np.ndarray | None
) -> Scores:
    table = predictions.measured.overall.set_index("measure")
    wanted = ("accuracy", "balanced_accuracy", "macro_f1")
    return Scores(
        source,
        len(predictions.rows),
        {
            name: (
                float(table.loc[name, "value"]),
                float(table.loc[name, "low"]),
                float(table.loc[name, "high"]),
            )
            for name in wanted
        },
        expected_calibration_error(predictions.labels, calibration(predictions.probabilities)),
        None if strange is None else float(strange.mean()),
    )


def _home(run: Run, present: np.ndarray, calibration: Calibration) -> Scores | None:
    """On the run's own test images of the same classes, from the predictions that it saved."""
    if not run.predictions.exists():
        return None
    split = scored_splits(run)[0]
    own = of_split(run, split)
    same = np.isin(own.labels, present)
    if not same.any():
        return None
    part = SamplePredictions(
        own.rows[same], own.labels[same], own.probabilities[same], own.class_names, split, (), run.id
    )
    return _scores(part, f"its own {split} images", calibration, None)


def _class_mix_note(run: Run, labels: np.ndarray) -> str | None:
    """Say that classes stand in other shares there: platelets are small and eosinophils pink anywhere."""
    if not run.predictions.exists():
        return None
    own = run.read_predictions().labels
    own = own[np.isin(own, labels)]
    if not len(own):
        return None
    count = len(run.class_names)
    home = np.bincount(own, minlength=count) / len(own)
    there = np.bincount(labels, minlength=count) / len(labels)
    if 0.5 * np.abs(home - there).sum() <= CLASS_MIX:
        return None
    most = run.class_names[int(np.argmax(there - home))]
    return (
        f"The classes stand in other shares than at home (more {most}): cell size and dyes may differ for "
        "that reason alone."
    )


def _compared(
    run: Run, other: SetProfile, progress: Progress | None
) -> tuple[tuple[Difference, ...] | None, str]:
    try:
        return differences(home_profile(run, progress), other), ""
    except UserError as error:
        return None, f"What differs between the images cannot be measured. {error}"


def _part(progress: Progress | None, start: float, share: float) -> Progress | None:
    if progress is None:
        return None
    return lambda done, text: progress(start + share * done, text)
