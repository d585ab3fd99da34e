"""How far a linear model gets on simple numbers, in seconds.

The yardstick beside every network: colour and edge histograms (`bcc.cells`), standardised, turned
into 120 principal components, then logistic regression. On stained blood cells it is right in about
96 of 100, on images like its training ones; a network that does worse has not been trained. It is
no measure of other microscopes or distorted images, where it fails. scikit-learn is imported on use.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from bcc.cells.features import simple_features
from bcc.cells.linear_model import linear_probabilities
from bcc.errors import UserError
from bcc.evaluation.metrics.classification import per_class, summary
from bcc.progress import Progress

MOST_TRAIN_ROWS = 20_000
"""More rows are sampled down to this many: a linear model gains little from them."""


@dataclass(frozen=True)
class Baseline:
    """What the linear model reached.

    Attributes:
        accuracy: share of the scored rows that it called right, 0..1.
        macro_f1: plain mean of the classes' F1, 0..1.
        n_train: rows it was trained on.
        n_scored: rows it was scored on.
        seconds: time for everything, features included.
        split: what the scored rows are called ("validation").
        per_class: one record a class, as `metrics.per_class` has them.
    """

    accuracy: float
    macro_f1: float
    n_train: int
    n_scored: int
    seconds: float
    split: str
    per_class: list[dict[str, Any]]

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers, strings and lists, ready for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Baseline:
        """The inverse of `to_dict`."""
        return cls(**values)


def linear_baseline(
    images: np.ndarray,
    labels: np.ndarray,
    class_names: Sequence[str],
    train_rows: np.ndarray,
    score_rows: np.ndarray,
    seed: int = 0,
    progress: Progress | None = None,
    features: np.ndarray | None = None,
    *,
    split: str = "test",
) -> Baseline:
    """Train the linear model on some rows and score it on others.

    Args:
        images: uint8 (N, H, W, 3) RGB, may be memory-mapped; only the rows asked for are read.
        labels: int64 (N,), positions in `class_names`; rows labelled -1 are not trained on and count
            as wrong where they are scored.
        class_names: K names. A class without a training row is never predicted.
        train_rows: int64, rows to learn from; of more than 20,000 a sample is drawn.
        score_rows: int64, rows to score.
        seed: draws that sample.
        progress: called with (share done, sentence).
        features: float32 (N, F), from `simple_features` on all rows, if it is at hand already.
        split: what to call the scored rows.

    Raises:
        UserError: there is nothing to learn from or nothing to score.
    """
    started = time.perf_counter()
    score_rows = np.asarray(score_rows, dtype=np.int64)
    train_rows = _rows_to_learn_from(np.asarray(train_rows, dtype=np.int64), labels, seed)
    if not len(score_rows):
        raise UserError(
            f"The linear baseline has no images to score; the {split} side of the split is empty."
        )
    report = progress or (lambda share, sentence: None)
    if features is None:
        rows = np.concatenate([train_rows, score_rows])
        described = simple_features(images, lambda done, text: report(0.95 * done, text), rows=rows)
    else:
        described = features[np.concatenate([train_rows, score_rows])]
    report(0.95, "Fitting the linear baseline")
    learned, asked = described[: len(train_rows)], described[len(train_rows) :]
    probabilities = linear_probabilities(learned, labels[train_rows], asked, len(class_names))
    scores = summary(labels[score_rows], probabilities)
    report(1.0, "The linear baseline is ready")
    return Baseline(
        accuracy=scores["accuracy"],
        macro_f1=scores["macro_f1"],
        n_train=len(train_rows),
        n_scored=len(score_rows),
        seconds=time.perf_counter() - started,
        split=split,
        per_class=per_class(labels[score_rows], probabilities, class_names).to_dict("records"),
    )


def _rows_to_learn_from(rows: np.ndarray, labels: np.ndarray, seed: int) -> np.ndarray:
    """Those with a label, or a sample of them where there are very many."""
    rows = rows[labels[rows] >= 0]
    if not len(rows):
        raise UserError("The linear baseline has no labelled images to learn from; give it training rows.")
    if len(rows) <= MOST_TRAIN_ROWS:
        return rows
    drawn = np.random.default_rng(seed).choice(len(rows), MOST_TRAIN_ROWS, replace=False)
    return rows[np.sort(drawn)]


@dataclass(frozen=True)
class BaselineComparison:
    """How a run compares with the linear model.

    Attributes:
        sentence: for a person.
        below: whether the run does worse than the linear model.
        accuracy, baseline: of the run and of the linear model on the same rows, 0..1.
        split: what those rows are called.
    """

    sentence: str
    below: bool
    accuracy: float
    baseline: float
    split: str


def against_baseline(metrics: Mapping[str, Any]) -> BaselineComparison | None:
    """Compare what metrics.json of a run says about it and about the linear model.

    Args:
        metrics: contents of metrics.json.

    Returns:
        `None` while the baseline has not been scored.
    """
    linear = metrics.get("baseline") or {}
    split = str(linear.get("split", metrics.get("final_split", "test")))
    own = metrics.get(split) or {}
    if linear.get("accuracy") is None or own.get("accuracy") is None:
        return None
    accuracy, baseline = float(own["accuracy"]), float(linear["accuracy"])
    below = accuracy < baseline
    sentence = f"A linear model on simple features gets {baseline:.1%}; this run gets {accuracy:.1%}"
    # Validation images chose the best epoch: who reads the sentence must know which they are.
    sentence += f" ({split} images)"
    sentence += ", which is less: it has not been trained well enough yet." if below else "."
    return BaselineComparison(sentence, below, accuracy, baseline, split)
