"""Kernel ridge regression that leaves each row out of its own answer."""

from __future__ import annotations

import numpy as np
import pytest

from bcc.cells import kernel_ridge
from bcc.cells.kernel_ridge import leave_one_out_probabilities


def rings(count: int = 240, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """A class around another: no line parts them."""
    rng = np.random.default_rng(seed)
    labels, angle = np.arange(count) % 2, rng.uniform(0, 2 * np.pi, count)
    far = 0.4 + 1.6 * labels + rng.normal(0, 0.1, count)
    return np.stack([far * np.cos(angle), far * np.sin(angle)], axis=1).astype(np.float32), labels


def test_it_bends_where_a_line_cannot() -> None:
    numbers, labels = rings()
    chance = leave_one_out_probabilities(numbers, labels, 3, np.ones(240, bool), np.random.default_rng(0))
    assert np.allclose(chance.sum(axis=1), 1)
    assert (chance.argmax(axis=1) == labels).mean() > 0.97


def test_a_row_is_judged_as_if_it_had_not_been_learned_from() -> None:
    numbers, labels = rings(40, seed=1)
    everybody = np.ones(40, bool)
    chance = leave_one_out_probabilities(numbers, labels, 2, everybody, np.random.default_rng(0))
    marks = numbers[np.random.default_rng(0).permutation(40)]
    width = kernel_ridge._WIDTH / (2 * float(numbers.var(axis=0).sum()))
    corner = kernel_ridge._kernel(marks, marks, width).astype(np.float64) + 1e-4 * np.eye(40)
    seen = np.linalg.solve(np.linalg.cholesky(corner), kernel_ridge._kernel(marks, numbers, width)).T
    seen = np.column_stack([seen, np.ones(40)])
    for row in (0, 7, 33):
        rest = np.arange(40) != row
        gram = seen[rest].T @ seen[rest] + kernel_ridge._RIDGE * np.eye(41)
        score = seen[row] @ np.linalg.solve(gram, seen[rest].T @ np.eye(2)[labels[rest]])
        odds = np.exp(kernel_ridge._STEEPNESS * (score - score.max()))
        assert np.allclose(chance[row], odds / odds.sum(), atol=0.02)


def test_rows_that_are_not_to_be_learned_from_say_nothing() -> None:
    numbers, labels = rings()
    given = labels.copy()
    given[:60] = 1 - given[:60]
    chance = leave_one_out_probabilities(numbers, given, 2, np.arange(240) >= 60, np.random.default_rng(0))
    assert (chance[:60].argmax(axis=1) == labels[:60]).mean() > 0.97


@pytest.mark.parametrize("value", [0.0, 3.0])
def test_equal_rows_are_told_nothing(value: float) -> None:
    numbers = np.full((20, 4), value, np.float32)
    labels = np.arange(20) % 2
    chance = leave_one_out_probabilities(numbers, labels, 2, np.ones(20, bool), np.random.default_rng(0))
    assert np.allclose(chance, 0.5, atol=0.1)
