"""Kernel ridge regression with leave-one-out predictions for each row in closed form.

It bends where a linear model cannot, and errs on other rows. The kernel is approximated from some hundred
rows (Williams and Seeger, "Using the Nystroem method to speed up kernel machines", NIPS 2001), so that cost
grows with the number of rows; leaving a row out needs no second fit (Allen's PRESS, 1974).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

LANDMARKS = 1000
_WIDTH = 1.4
"""The kernel is exp(-_WIDTH) at the mean squared distance of two rows."""
_RIDGE = 0.03
_STEEPNESS = 5.0
"""Turns scores, which are 0 to 1 or so, into probabilities."""
_BLOCK = 4096


def leave_one_out_probabilities(
    numbers: np.ndarray, labels: np.ndarray, classes: int, learned: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Predict each row from all the others.

    Args:
        numbers: float32 (N, C), scaled so that distances mean something.
        labels: int64 (N,), 0..classes - 1.
        classes: how many there are.
        learned: bool (N,), the rows that are learned from, one at least.
        rng: draws the landmarks.

    Returns:
        float64 (N, classes), rows adding up to 1.
    """
    from scipy.linalg import cho_factor, cho_solve, cholesky, solve_triangular

    candidates = np.flatnonzero(learned)
    marks = numbers[rng.permutation(candidates)[:LANDMARKS]]
    # Twice the variance is the mean squared distance.
    distance = 2 * float(numbers[learned].var(axis=0).sum())
    width = _WIDTH / distance if distance > 0 else 0.0
    corner = _kernel(marks, marks, width)
    corner[np.diag_indices(len(corner))] += 1e-4
    root = cholesky(corner, lower=True)

    def blocks() -> Iterator[tuple[slice, np.ndarray]]:
        for start in range(0, len(numbers), _BLOCK):
            part = slice(start, min(start + _BLOCK, len(numbers)))
            seen = solve_triangular(root, _kernel(marks, numbers[part], width), lower=True).T
            yield part, np.column_stack([seen, np.ones(len(seen), np.float32)])

    target = np.eye(classes, dtype=np.float32)[labels]
    gram = _RIDGE * np.eye(len(marks) + 1, dtype=np.float32)
    answer = np.zeros((len(marks) + 1, classes), np.float32)
    for part, seen in blocks():
        kept = learned[part]
        gram += seen[kept].T @ seen[kept]
        answer += seen[kept].T @ target[part][kept]
    factor = cho_factor(gram)
    weights = cho_solve(factor, answer)
    scores = np.zeros((len(labels), classes), np.float32)
    for part, seen in blocks():
        leverage = np.minimum(np.einsum("nc,cn->n", seen, cho_solve(factor, seen.T)), 0.99)
        # A row that was learned from is taken out of its own answer.
        share = np.where(learned[part], leverage, 0)[:, None]
        scores[part] = (seen @ weights - share * target[part]) / (1 - share)
    steep = np.exp(_STEEPNESS * (scores - scores.max(axis=1, keepdims=True)).astype(np.float64))
    return np.asarray(steep / steep.sum(axis=1, keepdims=True))


def _kernel(some: np.ndarray, others: np.ndarray, width: float) -> np.ndarray:
    """float32 (N, M)."""
    squares = (some * some).sum(axis=1)[:, None] + (others * others).sum(axis=1)[None]
    return np.asarray(np.exp(-width * np.maximum(squares - 2 * some @ others.T, 0)), np.float32)
