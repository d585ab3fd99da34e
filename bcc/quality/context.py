"""Measurements shared by the checks of one scan, each computed once and only when a check needs it.

Copies are examined once: `rows` are the first rows of each distinct image, and everything measured
here has a line for each of them. `spread` brings such lines back to all rows of the set.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from bcc.cells import shape_features, simple_features
from bcc.datasets import Dataset, duplicate_groups
from bcc.progress import Progress
from bcc.quality.measures import Measures, measure, measure_seams, one_thread_each
from bcc.specs import Spec


@dataclass(frozen=True)
class Result:
    """Findings of one check.

    Attributes:
        frame: its findings, with the columns of `Findings.frame`.
        scores: kind -> float (N,) over all rows of the set, 0 worst .. 1 fine.
        numbers: name -> float (N,), what was measured.
        certain: bool (D,), distinct images whose findings hold whatever cells look like in the set.
    """

    frame: pd.DataFrame
    scores: dict[str, np.ndarray] = field(default_factory=dict)
    numbers: dict[str, np.ndarray] = field(default_factory=dict)
    certain: np.ndarray | None = None


class Check(Spec):
    """Base of all checks: a spec whose fields are the thresholds."""

    @property
    def name(self) -> str:
        """Name of the check."""
        raise NotImplementedError

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of findings that it reports."""
        raise NotImplementedError

    def run(self, context: ScanContext) -> Result:
        """Examine a dataset."""
        raise NotImplementedError


class ScanContext:
    """A dataset being scanned."""

    def __init__(
        self,
        dataset: Dataset,
        seed: int = 0,
        features: np.ndarray | None = None,
        probabilities: np.ndarray | None = None,
        progress: Progress | None = None,
    ) -> None:
        """Store the arguments; nothing is computed yet.

        Args:
            dataset: the set.
            seed: of every draw.
            features: float (N, F), another model's numbers for each row, for the labels.
            probabilities: float (N, K), out-of-sample probabilities of the classes, for the labels.
            progress: called with a sentence; a check passes the share of its own work.
        """
        self.dataset = dataset
        self.seed = seed
        self.given_features = features
        self.given_probabilities = probabilities
        self.progress: Progress = progress or (lambda share, sentence: None)
        self.groups = duplicate_groups(dataset.row_hashes)
        first = np.full(int(self.groups.max()) + 1, len(dataset), np.int64)
        np.minimum.at(first, self.groups, np.arange(len(dataset)))
        self.rows = first
        self.labels = dataset.labels[self.rows]
        lowest, highest = self.labels.copy(), self.labels.copy()
        np.minimum.at(lowest, self.groups, dataset.labels)
        np.maximum.at(highest, self.groups, dataset.labels)
        self.conflicting = lowest != highest
        """bool (D,), images that are there under several labels."""
        self.cells = np.arange(len(self.rows))
        """int64 (D,), equal for images of one cell, once near copies were looked for."""
        self.suspects = np.zeros(len(self.rows), bool)
        """Images that a check so far holds for something else than a fair image of a cell."""

    @cached_property
    def copies(self) -> np.ndarray:
        """int64 (D,), how often each distinct image is there."""
        return np.bincount(self.groups)

    @cached_property
    def measures(self) -> Measures:
        """The plain numbers of each distinct image."""
        return measure(self.dataset.images, self.rows, self.progress)

    @cached_property
    def seams(self) -> np.ndarray:
        """float32 (D, len(SEAM_COLUMNS)), straight seams in each distinct image."""
        return measure_seams(self.dataset.images, self.rows)

    @cached_property
    def features(self) -> np.ndarray:
        """float32 (D, FEATURE_COUNT), the simple features of each distinct image."""
        with one_thread_each():
            return simple_features(self.dataset.images, self.progress, rows=self.rows)

    @cached_property
    def shapes(self) -> np.ndarray:
        """float32 (D, len(SHAPE_COLUMNS)), size, outline and stain of each distinct image's cell."""
        with one_thread_each():
            return shape_features(self.dataset.images, self.progress, rows=self.rows)

    def spread(self, values: np.ndarray) -> np.ndarray:
        """(D, ...) -> (N, ...): every copy gets its image's line."""
        out: np.ndarray = values[self.groups]
        return out

    def all_rows(self, chosen: np.ndarray) -> np.ndarray:
        """int64, all rows of the set, copies included, whose image is chosen by bool (D,)."""
        return np.flatnonzero(chosen[self.groups])


def names_of(labels: np.ndarray, context: ScanContext) -> list[str]:
    """Class names of some labels."""
    names: Any = context.dataset.class_names
    return [names[label] for label in labels]
