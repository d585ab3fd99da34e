"""What a run says of every image of a dataset, and what it sees in them: computed once, stored beside the
dataset.

From it come similar cells, proposals for labels, and which cells to label next.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bcc.cells.neighbours import NeighbourIndex
from bcc.datasets import Dataset, read_derived, save_derived
from bcc.progress import Progress
from bcc.runs import Run
from bcc.runs.file_mark import file_mark

Extract = Callable[..., tuple[np.ndarray, np.ndarray]]
"""A `bcc.models.features.FeatureExtractor`."""


@dataclass(frozen=True)
class SetAnswers:
    """Answers of one run about all rows of one dataset.

    Attributes:
        probabilities: float32 (N, K), in the order of the run's classes.
        features: float16 (N, D), in standard deviations from their mean over the dataset.
        mean, scale: float32 (D,), of the features as the model gives them.
    """

    probabilities: np.ndarray
    features: np.ndarray
    mean: np.ndarray
    scale: np.ndarray

    @cached_property
    def _index(self) -> NeighbourIndex:
        return NeighbourIndex(self.features)

    def similar_to_row(self, row: int, count: int) -> tuple[np.ndarray, np.ndarray]:
        """The rows that look most like one row of the dataset, without itself.

        Returns:
            int64 (K,), the nearest first, and float64 (K,), their distances (root mean square over the
            features, in standard deviations).
        """
        rows, distances = self._nearest(self.features[row : row + 1], count + 1)
        others = rows != row
        return rows[others][:count], distances[others][:count]

    def similar_to(self, features: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
        """The rows that look most like an image from elsewhere.

        Args:
            features: float (D,), as the model gives them.
            count: how many.

        Returns:
            As `similar_to_row`.
        """
        return self._nearest((np.asarray(features, np.float32) - self.mean)[None] / self.scale, count)

    def _nearest(self, standardised: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
        rows, distances = self._index.nearest(standardised, count)
        return rows[0], distances[0] / np.sqrt(self.features.shape[1])


def answers_on(run: Run, dataset: Dataset, extract: Extract, progress: Progress | None = None) -> SetAnswers:
    """The answers of a run about a dataset: stored, else computed and stored.

    Raises:
        UserError: the disk is full.
    """
    stored = stored_answers(run, dataset)
    if stored is not None:
        return stored
    probabilities, features = extract(dataset.images, progress=progress)
    mean, scale = features.mean(axis=0), features.std(axis=0)
    # A channel that never moves says nothing; dividing by zero would make it say everything.
    scale = np.maximum(scale, 1e-3 * max(float(scale.max(initial=0)), 1e-6))
    standardised = np.clip((features - mean) / scale, -6e4, 6e4).astype(np.float16)
    arrays = {"probabilities": probabilities, "features": standardised, "mean": mean, "scale": scale}
    save_derived(dataset, _name(run), arrays)
    return SetAnswers(**arrays)


def stored_answers(run: Run, dataset: Dataset) -> SetAnswers | None:
    """The stored answers of the run's present model; `None` where there are none, or they are damaged."""
    found = read_derived(dataset, _name(run))
    if found is None or set(found) != {"probabilities", "features", "mean", "scale"}:
        return None
    answers = SetAnswers(**found)
    fits = len(answers.probabilities) == len(answers.features) == len(dataset)
    fits = fits and answers.probabilities.shape[1:] == (len(run.class_names),)
    return (
        answers if fits and answers.features.shape[1:] == answers.mean.shape == answers.scale.shape else None
    )


def _name(run: Run) -> str:
    return f"answers-{file_mark(run.model)}"
