"""A fit that stops at its last step is nothing that a person at the shell can act on."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from bcc.cells.linear_model import linear_probabilities
from bcc.quality.strangers import linear


@pytest.fixture
def hopeless(monkeypatch: pytest.MonkeyPatch) -> tuple[np.ndarray, np.ndarray]:
    """Numbers and labels on which one step is not enough."""
    fit = LogisticRegression.fit

    def short(self: LogisticRegression, *given: np.ndarray) -> LogisticRegression:
        self.max_iter = 1
        return fit(self, *given)

    monkeypatch.setattr(LogisticRegression, "fit", short)
    rng = np.random.default_rng(0)
    return rng.normal(size=(80, 6)).astype(np.float32), np.arange(80) % 3


def test_no_fit_of_ours_warns(hopeless: tuple[np.ndarray, np.ndarray]) -> None:
    numbers, labels = hopeless
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        LogisticRegression().fit(numbers, labels)
        assert len(told) == 1, "the fixture makes fits that warn"
        linear_probabilities(numbers, labels, numbers, 3)
        linear(0).fit(numbers, labels % 2)
        assert len(told) == 1
