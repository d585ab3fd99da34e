"""The class that a map explains: the predicted one, the true one, or another by name."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bcc.datasets import Dataset
from bcc.errors import UserError
from bcc.evaluation.class_matching import match_classes


def target_classes(
    target: str, class_names: Sequence[str], probabilities: np.ndarray, dataset: Dataset, rows: np.ndarray
) -> np.ndarray:
    """The class to explain in each image.

    Args:
        target: "predicted", "true", or a class's name.
        class_names: the run's classes.
        probabilities: float (M, classes), what the run says about `rows`.
        dataset: where the images are from.
        rows: int64 (M,).

    Returns:
        int64 (M,), positions in `class_names`.

    Raises:
        UserError: there is no such class, or a true class that the run never saw.
    """
    predicted: np.ndarray = probabilities.argmax(axis=1).astype(np.int64)
    if target == "predicted":
        return predicted
    if target == "true":
        labels = match_classes(dataset.class_names, class_names).labels(dataset.labels[rows])
        if (labels < 0).any():
            row = rows[np.flatnonzero(labels < 0)[0]]
            raise UserError(
                f"Row {row} belongs to a class that the run never saw: explain its predicted class."
            )
        return np.asarray(labels)
    if target not in class_names:
        raise UserError(f"The run knows no class '{target}': choose one of {', '.join(class_names)}.")
    return np.full(len(rows), list(class_names).index(target), np.int64)
