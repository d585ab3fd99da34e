"""Score some rows with the weights as they are."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bcc.training.loop.train_step import Steps

SCORED_AT_ONCE = 64
"""Images a call."""


def validate(
    steps: Steps,
    inputs_of: Callable[[np.ndarray], np.ndarray],
    labels: np.ndarray,
    rows: np.ndarray,
    classes: int,
    *,
    cached: bool = False,
    batch_size: int = SCORED_AT_ONCE,
) -> tuple[float, float]:
    """Mean loss (no smoothing, no penalties) and accuracy (0..1) over `rows`.

    Args:
        steps: compiled scoring.
        inputs_of: from rows to float32 images, or to what the trunk says about them if `cached`.
        labels: int64 (N,), of all rows of the dataset.
        rows: int64 (M,), those to score.
        classes: number of classes.
    """
    import tensorflow as tf

    loss = hits = 0.0
    for start in range(0, len(rows), batch_size):
        chosen = rows[start : start + batch_size]
        # The last batch is filled up with its first row, so that there is one shape to compile.
        filled = np.concatenate([chosen, np.repeat(chosen[:1], batch_size - len(chosen))])
        losses, hit = steps.score(inputs_of(filled), tf.one_hot(labels[filled], classes), cached)
        loss += float(tf.reduce_sum(losses[: len(chosen)]))
        hits += float(tf.reduce_sum(hit[: len(chosen)]))
    return loss / len(rows), hits / len(rows)
