from __future__ import annotations

import numpy as np

from bcc.training.inputs.class_weights import class_weights

LABELS = np.repeat([0, 1, 2], [60, 30, 10])


def test_without_balance_every_row_counts_the_same() -> None:
    weights = class_weights(LABELS, np.arange(100), 3, balanced=False)
    assert weights.dtype == np.float32
    np.testing.assert_array_equal(weights, 1)


def test_balanced_classes_count_the_same_in_all() -> None:
    weights = class_weights(LABELS, np.arange(100), 3, balanced=True)
    sums = np.bincount(LABELS) * weights
    np.testing.assert_allclose(sums, sums[0], rtol=1e-5)
    assert weights.dtype == np.float32
    np.testing.assert_allclose(weights[LABELS].mean(), 1, rtol=1e-5)


def test_only_training_rows_are_counted() -> None:
    """Five rows of each class are trained on: nobody is rare, however many validation rows there are."""
    train_rows = np.concatenate([np.arange(0, 5), np.arange(60, 65), np.arange(90, 95)])
    weights = class_weights(LABELS, train_rows, 3, balanced=True)
    np.testing.assert_allclose(weights, 1, rtol=1e-5)


def test_a_class_without_training_rows_does_no_harm() -> None:
    weights = class_weights(LABELS, np.arange(90), 4, balanced=True)
    assert np.isfinite(weights).all()
    np.testing.assert_allclose(np.bincount(LABELS[:90]) * weights[:2], 45, rtol=1e-5)
