"""A run's word counts only on rows that it was never trained on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bcc.datasets import load
from bcc.errors import UserError
from bcc.evaluation.predictions.predict_rows import unseen_probabilities
from bcc.evaluation.rows import seen_in_training
from bcc.models.pooled import pooled_features
from bcc.models.saving import load_model
from bcc.runs import Run


@pytest.fixture
def run(finished_run_folder: Path) -> Run:
    return Run(finished_run_folder)


def test_rows_of_its_training_split_are_known(run: Run, learned_npz: Path) -> None:
    dataset = load(learned_npz)
    sides, _ = run.read_split()
    np.testing.assert_array_equal(seen_in_training(run, dataset), sides == 0)


def test_only_the_other_rows_get_probabilities_in_the_sets_order(run: Run, learned_npz: Path) -> None:
    dataset = load(learned_npz).named(("dark", "cyan", "blue", "amber"))
    asked: list[int] = []

    def predict(rows: np.ndarray) -> np.ndarray:
        asked.extend(rows)
        return np.tile([0.1, 0.2, 0.3, 0.4], (len(rows), 1))

    said = unseen_probabilities(run, dataset, predict)
    seen = seen_in_training(run, dataset)
    assert asked == np.flatnonzero(~seen).tolist()
    assert np.isnan(said[seen]).all()
    np.testing.assert_allclose(said[~seen], np.tile([0.4, 0.3, 0.2, 0.1], ((~seen).sum(), 1)))


def test_a_run_that_has_seen_everything_is_refused(
    run: Run, tiny_npz: Callable[..., Path], learned_npz: Path
) -> None:
    whole = load(learned_npz)
    rows = np.flatnonzero(seen_in_training(run, whole))
    part = load(
        tiny_npz(
            rows=len(rows), images=whole.images[rows], labels=whole.labels[rows],
            class_names=np.array(whole.class_names),
        )
    )  # fmt: skip
    with pytest.raises(UserError, match="was trained on every row"):
        unseen_probabilities(run, part, lambda rows: np.zeros((len(rows), 4)))


def test_pooled_features_come_before_the_answer(run: Run, learned_npz: Path) -> None:
    dataset = load(learned_npz)
    found = pooled_features(load_model(run.model), dataset.images, np.arange(6))
    assert found.shape == (6, 320)
    assert np.isfinite(found).all()
    assert len(np.unique(found.round(4), axis=0)) == 6
