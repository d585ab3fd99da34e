"""Does an image look like anything that a run was trained on?

A model always names one of its classes, whatever it is shown. Here an image's features from all depths of
the network (`bcc.models.features`) are compared with those of training rows: its distance to the k-th nearest
of them, in standard deviations of each feature. Beyond the distance that nearly all validation rows keep, it
looks like no cell of the training set. Which training cells are nearest tells a person what the run takes an
image for. Computed once a run and kept in its directory (`familiarity.npz`).

After Sun et al., "Out-of-distribution detection with deep nearest neighbors", ICML 2022,
https://arxiv.org/abs/2204.06507.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from bcc.atomic_files import write_arrays
from bcc.cells.neighbours import NeighbourIndex
from bcc.datasets import SPLITS, Dataset
from bcc.errors import UserError
from bcc.evaluation.run_dataset import own_data
from bcc.progress import Progress
from bcc.runs import Run
from bcc.runs.file_mark import file_mark

Features = Callable[..., tuple[np.ndarray, np.ndarray]]
"""A `bcc.models.features.FeatureExtractor`."""

NEIGHBOUR = 5
"""Which nearest neighbour's distance counts."""
MOST_ROWS = 2000
"""Training rows that are remembered, drawn at random from more."""
MOST_VALIDATION_ROWS = 1000
FAMILIAR = 0.99
"""Share of validation rows that count as familiar."""


@dataclass(frozen=True)
class OodDetector:
    """Features of training rows, and how far from them is too far.

    Attributes:
        features: float32 (M, D), in standard deviations from their mean.
        mean, scale: float32 (D,), of the features as the model gives them.
        threshold: distance beyond which an image looks like none of them.
        rows: int64 (M,), which rows of the run's data these are.
        hashes: uint64 (M, 2), of their pixels, to find them in the data should rows have moved.
        labels: int64 (M,), their classes as the run was taught.
        neighbour: which nearest neighbour's distance counts.
    """

    features: np.ndarray
    mean: np.ndarray
    scale: np.ndarray
    threshold: float
    rows: np.ndarray
    hashes: np.ndarray
    labels: np.ndarray
    neighbour: int = NEIGHBOUR

    @cached_property
    def _index(self) -> NeighbourIndex:
        return NeighbourIndex(self.features)

    def nearest(self, features: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
        """The training rows that are remembered and look most like each image, the nearest first.

        Args:
            features: float (N, D), as the model gives them.
            count: how many for each image.

        Returns:
            int64 (N, K), places in `rows`, `hashes` and `labels`; and float64 (N, K), the distances as
            `distances` counts them.
        """
        own = (np.asarray(features, np.float32) - self.mean) / self.scale
        places, lengths = self._index.nearest(own, count)
        return places, lengths / np.sqrt(own.shape[1])

    def nearest_classes(
        self, features: np.ndarray, class_names: Sequence[str], count: int = NEIGHBOUR
    ) -> list[str]:
        """Classes of the nearest training rows of each image, most frequent first: "monocyte 4, ..."."""
        places, _ = self.nearest(features, count)
        tallies = (Counter(class_names[label] for label in self.labels[line]) for line in places)
        return [", ".join(f"{name} {n}" for name, n in tally.most_common()) for tally in tallies]

    def distances(self, features: np.ndarray) -> np.ndarray:
        """Distance of each image to its k-th nearest training row.

        Args:
            features: float (N, D), as the model gives them.

        Returns:
            float64 (N,): root mean square over the features, in their standard deviations.
        """
        return np.asarray(self.nearest(features, self.neighbour)[1][:, -1])

    def strange(self, distances: np.ndarray) -> np.ndarray:
        """Which of those distances are too far: bool (N,)."""
        return np.asarray(distances) > self.threshold


def fit_ood_detector(
    run: Run, dataset: Dataset, extract: Features, progress: Progress | None = None, seed: int = 0
) -> OodDetector:
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
    learned = features[: len(train)]
    mean, scale = learned.mean(axis=0), learned.std(axis=0)
    # A channel that never moved says nothing, until it does: it counts as if it moved a little.
    scale = np.maximum(scale, 1e-3 * max(float(scale.max()), 1e-6))
    known = OodDetector(
        (learned - mean) / scale,
        mean,
        scale,
        threshold=np.inf,
        rows=train,
        hashes=dataset.row_hashes[train],
        labels=np.asarray(dataset.labels[train], np.int64),
    )
    threshold = float(np.quantile(known.distances(features[len(train) :]), FAMILIAR))
    return replace(known, threshold=threshold)


def ood_detector_of(run: Run, extract: Features, progress: Progress | None = None) -> OodDetector | None:
    """The run's detector: saved, else fitted and saved; `None` where its data is not on this machine."""
    saved = load_ood_detector(run)
    if saved is not None:
        return saved
    try:
        fitted = fit_ood_detector(run, own_data(run), extract, progress)
    except UserError:
        return None
    save_ood_detector(run, fitted)
    return fitted


def load_ood_detector(run: Run) -> OodDetector | None:
    """What the run's directory holds, `None` where it holds none of its present model."""
    try:
        with np.load(run.familiarity, allow_pickle=False) as file:
            if str(file["model"]) != file_mark(run.model):
                return None
            kept = OodDetector(
                file["features"].astype(np.float32),
                file["mean"],
                file["scale"],
                float(file["threshold"]),
                file["rows"].astype(np.int64),
                file["hashes"].astype(np.uint64),
                file["labels"].astype(np.int64),
            )
    except Exception:  # numpy and zipfile raise many kinds for a damaged file; it is then learned anew,
        return None  # as one of an older version is, which does not say which rows it holds.
    fits = kept.features.ndim == 2 and kept.mean.shape == kept.scale.shape == kept.features.shape[1:]
    fits &= kept.hashes.shape == (len(kept.features), 2)
    fits &= kept.rows.shape == kept.labels.shape == kept.features.shape[:1]
    whole = fits and all(np.isfinite(part).all() for part in (kept.features, kept.mean, kept.threshold))
    return kept if whole and len(kept.features) > NEIGHBOUR and (kept.scale > 0).all() else None


def save_ood_detector(run: Run, learned: OodDetector) -> None:
    """Write it to the run's directory; where that cannot be written to, nothing happens."""
    with suppress(OSError, UserError):
        write_arrays(
            run.familiarity,
            features=np.clip(learned.features, -6e4, 6e4).astype(np.float16),
            mean=learned.mean,
            scale=learned.scale,
            threshold=np.array(learned.threshold),
            rows=learned.rows,
            hashes=learned.hashes,
            labels=learned.labels,
            model=np.array(file_mark(run.model)),
        )
