"""How much each class counts in the loss."""

from __future__ import annotations

import numpy as np

from bcc.datasets import balanced_class_weights


def class_weights(labels: np.ndarray, train_rows: np.ndarray, classes: int, balanced: bool) -> np.ndarray:
    """One weight a class; an image counts as the classes of its label do, by their shares.

    Args:
        labels: int64 (N,).
        train_rows: the rows that are counted.
        classes: number of classes.
        balanced: rare classes weigh more, so that each class counts the same in all.

    Returns:
        float32 (classes,); 1 everywhere unless `balanced`.
    """
    if not balanced:
        return np.ones(classes, np.float32)
    counts = np.bincount(labels[train_rows], minlength=classes)
    return np.asarray(balanced_class_weights(counts), np.float32)
