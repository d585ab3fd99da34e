"""Even out classes while training: rare classes are shown more often, or changed more often.

Everything is drawn from (seed, epoch), so that a resumed run sees what it would have seen.
"""

from __future__ import annotations

import numpy as np

from bcc.training.config.train_config import TrainConfig


def rows_per_class(labels: np.ndarray, train_rows: np.ndarray, config: TrainConfig) -> int:
    """Rows that each class brings to an epoch; 0 where every training row comes once.

    Args:
        labels: int64 (N,), of all rows of the set.
        train_rows: rows to learn from.
        config: whether rows are oversampled, and to how many.
    """
    if not config.oversample:
        return 0
    return config.rows_per_class or int(np.bincount(labels[train_rows]).max())


def rows_an_epoch(labels: np.ndarray, train_rows: np.ndarray, config: TrainConfig) -> int:
    """How many rows an epoch shows."""
    number = rows_per_class(labels, train_rows, config)
    return number * len(np.unique(labels[train_rows])) if number else len(train_rows)


def balanced_rows(
    labels: np.ndarray, train_rows: np.ndarray, number: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draw as many rows of each class, every row about as often as the others of its class.

    Args:
        labels: int64 (N,), of all rows of the set.
        train_rows: rows to draw from.
        number: rows of each class that has any.
        rng: decides which rows come once more, and which not at all where a class has more than `number`.

    Returns:
        int64 (classes * number,) twice: rows, and how often each came before (0, 1, ...), by which the
        draws of its augmentation differ.
    """
    rows, copies = [], []
    for label in np.unique(labels[train_rows]):
        own = rng.permutation(train_rows[labels[train_rows] == label])
        rows.append(np.resize(own, number))
        copies.append(np.arange(number) // len(own))
    return np.concatenate(rows), np.concatenate(copies)


def augment_chances(labels: np.ndarray, train_rows: np.ndarray, classes: int, common: float) -> np.ndarray:
    """How likely an image of each class passes the recipe: 1 for the rarest, `common` for the commonest.

    Args:
        labels: int64 (N,), of all rows of the set.
        train_rows: rows that are counted.
        classes: number of classes.
        common: 0..1.

    Returns:
        float32 (classes,), in a straight line by the number of rows between the two.
    """
    counts = np.bincount(labels[train_rows], minlength=classes)
    present = counts[counts > 0]
    span = max(int(present.max() - present.min()), 1)
    share = np.clip((counts - present.min()) / span, 0, 1)
    return np.asarray(1 - (1 - common) * share, np.float32)
