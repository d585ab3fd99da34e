"""In which order a person labels cells, so that every click teaches the model most.

"sure": proposals that are most likely right, to confirm a grid at a time. "unsure": the smallest margin
between the two likeliest classes (Scheffer, Decomain and Wrobel, "Active hidden Markov models", 2001).
"different": the farthest from everything that is labelled (k-center; Sener and Savarese, "Active learning for
convolutional neural networks: a core-set approach", ICLR 2018). "both": the farthest from each other among
the least sure.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

Order = Literal["sure", "unsure", "different", "both"]
POOL = 10
"""For "both": how many times as many of the least sure are considered as are wanted."""


def label_order(
    order: Order,
    probabilities: np.ndarray,
    features: np.ndarray,
    labelled: np.ndarray,
    count: int,
) -> np.ndarray:
    """Choose which cells to label next.

    Args:
        order: see above.
        probabilities: float (N, K), what the model says of all cells.
        features: float (N, D), what it sees in them.
        labelled: bool (N,), cells that have a label already; they are never chosen.
        count: how many.

    Returns:
        int64 (M,), M = count or all that are left, the first to be labelled first.
    """
    rows = np.flatnonzero(~labelled)
    if order in ("sure", "unsure"):
        gap = margin(probabilities[rows])
        return rows[np.argsort(-gap if order == "sure" else gap, kind="stable")][:count]
    if order == "both":
        rows = rows[np.argsort(margin(probabilities[rows]), kind="stable")][: POOL * count]
    return farthest(np.asarray(features, np.float32), rows, np.flatnonzero(labelled), count)


def margin(probabilities: np.ndarray) -> np.ndarray:
    """Likeliest class minus the second: float (N,), 0..1; 1 where there is one class only."""
    if probabilities.shape[1] < 2:
        return np.ones(len(probabilities))
    top = np.partition(probabilities, -2, axis=1)[:, -2:]
    return np.asarray(top[:, 1] - top[:, 0], np.float64)


def farthest(features: np.ndarray, rows: np.ndarray, known: np.ndarray, count: int) -> np.ndarray:
    """Pick rows one after the other, each the farthest from all that are known or were picked before.

    Args:
        features: float (N, D).
        rows: int64 (R,), from which to pick.
        known: int64 (S,), what is known already; without any, the row nearest to the mean comes first.
        count: how many.

    Returns:
        int64 (M,), M = count or R.
    """
    count = min(count, len(rows))
    if not count:
        return rows[:0]
    own = features[rows]
    if len(known):
        distance = _nearest_distance(own, features[known])
    else:
        # Nothing is known: the most usual cell begins.
        distance = -np.linalg.norm(own - own.mean(axis=0), axis=1)
    picked = np.empty(count, np.int64)
    squares = np.einsum("nd,nd->n", own, own)
    for place in range(count):
        picked[place] = at = int(distance.argmax())
        # By one product instead of differences of all features: this happens at every key that is pressed.
        reached = np.sqrt(np.maximum(squares + squares[at] - 2 * (own @ own[at]), 0))
        distance = reached if not place and not len(known) else np.minimum(distance, reached)
        distance[picked[: place + 1]] = -np.inf
    return rows[picked]


def _nearest_distance(vectors: np.ndarray, others: np.ndarray, block: int = 512) -> np.ndarray:
    """Distance of each vector to the nearest of others, float32 (N,)."""
    squares = np.einsum("nd,nd->n", others, others)
    nearest = np.empty(len(vectors), np.float32)
    for start in range(0, len(vectors), block):
        part = vectors[start : start + block]
        found = (squares - 2 * part @ others.T).min(axis=1) + np.einsum("nd,nd->n", part, part)
        nearest[start : start + block] = np.sqrt(np.maximum(found, 0))
    return nearest
