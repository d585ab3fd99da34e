from __future__ import annotations

import numpy as np
import pytest

from bcc.evaluation.metrics.classification import UNKNOWN
from bcc.evaluation.predictions.sample_predictions import SamplePredictions


@pytest.fixture
def predictions() -> SamplePredictions:
    probabilities = np.array(
        [
            [0.9, 0.1, 0.0],
            [0.2, 0.5, 0.3],
            [0.1, 0.8, 0.1],
            [0.1, 0.2, 0.7],
            [0.4, 0.35, 0.25],
            [0.1, 0.6, 0.3],
        ]
    )
    labels = np.array([0, 0, 0, 2, -1, 0])
    return SamplePredictions(np.arange(10, 16), labels, probabilities, ("a", "b", "c"), "test")


def test_a_line_a_row(predictions: SamplePredictions) -> None:
    first = predictions.table.iloc[1]
    assert (first["row"], first["true"], first["predicted"], first["second"]) == (11, "a", "b", "c")
    assert first["probability"] == pytest.approx(0.5)
    assert first["probability_of_second"] == pytest.approx(0.3)
    assert first["probability_of_true"] == pytest.approx(0.2)
    assert predictions.table["true"].iloc[4] == UNKNOWN
    assert predictions.table["probability_of_true"].iloc[4] == 0


def test_least_sure_first(predictions: SamplePredictions) -> None:
    assert predictions.least_confident["row"].tolist()[0] == 14
    assert predictions.least_confident["margin"].is_monotonic_increasing


def test_pairs_commonest_first_without_the_right_ones(predictions: SamplePredictions) -> None:
    pairs = predictions.confused_pairs
    assert pairs[["true", "predicted", "n"]].to_numpy().tolist() == [["a", "b", 3], [UNKNOWN, "a", 1]]
    assert pairs["share"].tolist() == pytest.approx([0.75, 1.0])


def test_the_rows_behind_a_field(predictions: SamplePredictions) -> None:
    assert predictions.cell("a", "b")["row"].tolist() == [12, 15, 11], "the surest first"
    assert predictions.cell(UNKNOWN, "a")["row"].tolist() == [14]
    assert predictions.cell("b", "c").empty
    for true in predictions.matrix.index:
        for called in predictions.matrix.columns:
            assert len(predictions.cell(true, called)) == predictions.matrix.loc[true, called]


def test_other_answers_about_the_same_rows(predictions: SamplePredictions) -> None:
    other = predictions.with_probabilities(np.roll(predictions.probabilities, 1, axis=1), "rolled")
    assert other.by == "rolled"
    assert other.overall["accuracy"] != predictions.overall["accuracy"]


def test_nothing_is_fine() -> None:
    empty = SamplePredictions(
        np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros((0, 2)), ("a", "b"), "test"
    )
    assert empty.table.empty
    assert empty.confused_pairs.empty
    assert empty.least_confident.empty
