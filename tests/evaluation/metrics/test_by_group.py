"""Scores per patient or any other column."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, balanced_accuracy_score

from bcc.evaluation.metrics.by_group import NO_VALUE, scores_by_group
from bcc.wilson import wilson


def test_every_group_is_scored_as_if_it_were_alone() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 200)
    said = rng.dirichlet(np.ones(3), 200)
    groups = [f"p{number}" for number in rng.integers(0, 4, 200)]
    groups[:5] = [""] * 5
    table = scores_by_group(labels, said, groups).set_index("group")
    assert table["n"].sum() == 200
    assert table.loc[NO_VALUE, "n"] == 5
    for group in ("p0", "p3"):
        inside = np.array(groups) == group
        called = said[inside].argmax(axis=1)
        accuracy = accuracy_score(labels[inside], called)
        assert table.loc[group, "accuracy"] == pytest.approx(accuracy)
        assert table.loc[group, "balanced_accuracy"] == pytest.approx(
            balanced_accuracy_score(labels[inside], called)
        )
        low, high = wilson(np.array(accuracy), np.array(inside.sum()))
        assert table.loc[group, ["low", "high"]].tolist() == pytest.approx([float(low), float(high)])


def test_the_largest_group_comes_first() -> None:
    table = scores_by_group(np.zeros(5, int), np.eye(2)[np.zeros(5, int)], ["b", "a", "a", "c", "a"])
    assert table["group"].tolist() == ["a", "b", "c"]
