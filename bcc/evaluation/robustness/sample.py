"""A smaller sample of the rows of a dataset that keeps the shares of its classes."""

from __future__ import annotations

import numpy as np

SEED = 20_231


def stratified_sample(labels: np.ndarray, number: int, seed: int = SEED) -> np.ndarray:
    """Places in `labels`, drawn so that each class keeps its share as nearly as whole images can.

    Args:
        labels: int (N,).
        number: exactly how many; all where there are no more. Where it is as many as there are classes or
            more, none of them is left out.
        seed: of the draw.

    Returns:
        int64 (M,), ascending.
    """
    if number >= len(labels):
        return np.arange(len(labels))
    rng = np.random.default_rng(seed)
    classes, counts = np.unique(labels, return_counts=True)
    exact = counts * number / len(labels)
    least = int(number >= len(classes))
    take = np.maximum(np.floor(exact).astype(int), least)
    while take.sum() < number:
        take[np.argmax(np.where(take < counts, exact - take, -np.inf))] += 1
    while take.sum() > number:
        take[np.argmax(np.where(take > least, take - exact, -np.inf))] -= 1
    drawn = [
        rng.choice(np.flatnonzero(labels == name), size, replace=False)
        for name, size in zip(classes, take, strict=True)
    ]
    return np.sort(np.concatenate(drawn))
