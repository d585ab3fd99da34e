"""Does a picture look like anything that a run was trained on?

A model always names one of its classes, whatever it is shown. Here a picture's features, just before the
decision, are compared with those of training rows: its distance to the k-th nearest of them. Beyond the
distance that nearly all validation rows keep, it looks like no cell of the training set. Computed once a run
and kept in its directory (`familiarity.npz`).

Source: Sun et al., "Out-of-distribution detection with deep nearest neighbors", ICML 2022,
https://arxiv.org/abs/2204.06507.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from bcc.atomic import write_arrays
from bcc.datasets import SPLITS, Dataset
from bcc.errors import UserError
from bcc.evaluation.file_mark import file_mark
from bcc.runs import Run

Features = Callable[..., tuple[np.ndarray, np.ndarray]]
"""A `bcc.models.features.FeatureExtractor`."""
Progress = Callable[[float, str], None]

NEIGHBOUR = 5
"""Which nearest neighbour's distance counts."""
MOST_ROWS = 4000
"""Training rows that are remembered, drawn at random from more."""
MOST_VALIDATION_ROWS = 2000
FAMILIAR = 0.99
"""Share of validation rows that count as familiar."""


@dataclass(frozen=True)
class Familiarity:
    """Features of training rows, and how far from them is too far.

    Attributes:
        features: float32 (M, D), rows of length 1.
        threshold: distance beyond which a picture looks like none of them, 0..2.
        neighbour: which nearest neighbour's distance counts.
    """

    features: np.ndarray
    threshold: float
    neighbour: int = NEIGHBOUR

    def distances(self, features: np.ndarray) -> np.ndarray:
        """Distance of each picture to its k-th nearest training row.

        Args:
            features: float (N, D), of any length.

        Returns:
            float64 (N,), 0..2: between features brought to length 1.
        """
        own = of_length_one(features)
        found = np.empty(len(own))
        for start in range(0, len(own), 256):
            # For rows of length 1 the nearest are those with the largest product.
            nearness = own[start : start + 256] @ self.features.T
            place = nearness.shape[1] - self.neighbour
            kth = np.partition(nearness, place, axis=1)[:, place]
            found[start : start + 256] = np.sqrt(np.maximum(2 - 2 * kth.astype(np.float64), 0))
        return found

    def strange(self, distances: np.ndarray) -> np.ndarray:
        """Which of those distances are too far: bool (N,)."""
        return np.asarray(distances) > self.threshold


def of_length_one(features: np.ndarray) -> np.ndarray:
    """float32 (N, D), each row divided by its length."""
    features = np.asarray(features, np.float32)
    return features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12)


def learn_familiarity(
    run: Run, dataset: Dataset, extract: Features, progress: Progress | None = None, seed: int = 0
) -> Familiarity:
    """Look at the run's training rows, and set the threshold on its validation rows.

    Args:
        run: whose split counts.
        dataset: its own data.
        extract: gives features of its model.
        progress: called with (share done, sentence).
        seed: of the draw where there are more rows than are remembered.

    Raises:
        UserError: the run has too few training rows.
    """
    sides, _ = run.read_split()
    rng = np.random.default_rng(seed)

    def drawn(side: str, most: int) -> np.ndarray:
        rows = np.flatnonzero(sides == SPLITS.index(side))
        return rows if len(rows) <= most else np.sort(rng.choice(rows, most, replace=False))

    train, validation = drawn("train", MOST_ROWS), drawn("validation", MOST_VALIDATION_ROWS)
    if len(train) <= NEIGHBOUR or not len(validation):
        raise UserError(f"Run '{run.id}' has too few rows to tell what looks like none of them.")
    rows = np.concatenate([train, validation])
    _, features = extract(dataset.images, rows, progress)
    known = Familiarity(of_length_one(features[: len(train)]), threshold=2.0)
    threshold = float(np.quantile(known.distances(features[len(train) :]), FAMILIAR))
    return Familiarity(known.features, threshold)


def read_familiarity(run: Run) -> Familiarity | None:
    """What the run's directory holds, `None` where it holds none of its present model."""
    try:
        with np.load(run.familiarity, allow_pickle=False) as file:
            if str(file["model"]) != file_mark(run.model):
                return None
            return Familiarity(file["features"].astype(np.float32), float(file["threshold"]))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def keep_familiarity(run: Run, learned: Familiarity) -> None:
    """Write it to the run's directory; where that cannot be written to, nothing happens."""
    with suppress(OSError, UserError):
        write_arrays(
            run.familiarity,
            features=learned.features.astype(np.float16),
            threshold=np.array(learned.threshold),
            model=np.array(file_mark(run.model)),
        )
