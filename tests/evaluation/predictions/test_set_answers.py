"""What a run says of a whole dataset: stored once, and the cells most like another."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from bcc.datasets import Dataset, load
from bcc.evaluation.predictions.about_row import predictions_about
from bcc.evaluation.predictions.set_answers import SetAnswers, answers_on, stored_answers
from bcc.runs import Run


@pytest.fixture
def dataset(learned_npz: Path) -> Dataset:
    return load(learned_npz)


@pytest.fixture
def run(finished_run_folder: Path, tmp_path: Path) -> Run:
    return Run(Path(shutil.copytree(finished_run_folder, tmp_path / "run")))


class Extract:
    """Four clusters of features, and how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, images: np.ndarray, progress: object = None) -> tuple[np.ndarray, np.ndarray]:
        self.asked += 1
        n = len(images)
        kinds = np.arange(n) % 4
        features = np.stack([10.0 * kinds, np.arange(n) / 100, np.zeros(n)], axis=1).astype(np.float32)
        return np.eye(4, dtype=np.float32)[kinds], features


def test_answers_are_computed_once_and_come_back_from_disk(dataset: Dataset, run: Run) -> None:
    extract = Extract()
    first = answers_on(run, dataset, extract)
    again = answers_on(run, dataset, extract)
    assert extract.asked == 1
    assert np.array_equal(first.features, again.features)
    assert np.array_equal(first.probabilities, again.probabilities)


def test_another_model_or_a_damaged_file_is_asked_again(dataset: Dataset, run: Run) -> None:
    answers_on(run, dataset, Extract())
    (path,) = (dataset.folder / "derived").glob("answers-*.npz")
    run.model.write_bytes(run.model.read_bytes() + b"\0")
    assert stored_answers(run, dataset) is None
    path.write_bytes(b"no zip")
    run.model.write_bytes(run.model.read_bytes()[:-1])
    assert stored_answers(run, dataset) is None


def test_similar_cells_are_of_the_same_kind_and_without_the_cell_itself(dataset: Dataset, run: Run) -> None:
    answers = answers_on(run, dataset, Extract())
    rows, distances = answers.similar_to_row(8, 5)
    assert 8 not in rows
    assert (rows % 4 == 0).all()
    assert (np.diff(distances) >= 0).all()
    elsewhere, _ = answers.similar_to(np.array([30.0, 0.03, 0.0]), 3)
    assert (elsewhere % 4 == 3).all()


def test_a_feature_that_never_moves_does_not_decide() -> None:
    answers = SetAnswers(
        np.zeros((3, 2), np.float32),
        np.array([[0.0, 0], [1, 0], [3, 0]], np.float16),
        np.zeros(2, np.float32),
        np.array([1, 1e-3], np.float32),
    )
    assert answers.similar_to_row(0, 2)[0].tolist() == [1, 2]


def test_what_runs_said_of_one_row(dataset: Dataset, run: Run) -> None:
    split, _ = run.read_split()
    predictions = run.read_predictions()
    scored = int(predictions.rows[0])
    table = predictions_about([run], dataset.fingerprint, scored)
    assert table["predicted"].tolist() == [run.class_names[predictions.probabilities[0].argmax()]]
    trained = int(np.flatnonzero(split == 0)[0])
    table = predictions_about([run], dataset.fingerprint, trained)
    assert table["split"].tolist() == ["train"]
    assert table["predicted"].isna().all()
    assert predictions_about([run], "0" * 16, scored).empty
