from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, chi2

from bcc.errors import UserError
from bcc.evaluation.comparison import compare, mcnemar, side_by_side
from bcc.evaluation.predictions.sample_predictions import SamplePredictions


def answering(labels: np.ndarray, right: np.ndarray, by: str) -> SamplePredictions:
    """Answers that are right where asked."""
    said = np.where(right, labels, (labels + 1) % 3)
    probabilities = np.full((len(labels), 3), 0.1, np.float32)
    probabilities[np.arange(len(labels)), said] = 0.8
    return SamplePredictions(np.arange(len(labels)), labels, probabilities, ("a", "b", "c"), "test", by=by)


@given(st.integers(0, 60), st.integers(0, 60))
def test_mcnemar_is_the_binomial_test(b: int, c: int) -> None:
    p, exact = mcnemar(b, c)
    assert exact
    assert p == pytest.approx(binomtest(b, b + c).pvalue if b + c else 1.0)


def test_mcnemar_of_many_is_the_chi_squared_test() -> None:
    p, exact = mcnemar(700, 600)
    assert not exact
    assert p == pytest.approx(chi2.sf((100 - 1) ** 2 / 1300, 1))
    assert p == pytest.approx(binomtest(700, 1300).pvalue, rel=0.02)


def test_rows_are_counted_and_named() -> None:
    labels = np.array([0, 1, 2, 0, 1])
    result = compare(
        answering(labels, np.array([1, 1, 0, 0, 1], bool), "one"),
        answering(labels, np.array([1, 0, 1, 0, 0], bool), "two"),
    )
    assert (result.both, result.only_first, result.only_second, result.neither) == (1, 2, 1, 1)
    assert result.rows["case"].tolist() == ["both", "only first", "only second", "neither", "only first"]
    assert result.rows.loc[1, ["true", "first", "second"]].tolist() == ["b", "b", "c"]
    accuracy = result.measures.set_index("measure").loc["accuracy"]
    assert accuracy["difference"] == pytest.approx(-0.2)
    assert "this does not show which is better" in result.sentence


def test_a_clear_difference_is_called_one() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 600)
    result = compare(
        answering(labels, rng.random(600) < 0.8, "one"), answering(labels, rng.random(600) < 0.95, "two")
    )
    accuracy = result.measures.set_index("measure").loc["accuracy"]
    assert 0 < accuracy["low"] < accuracy["difference"] < accuracy["high"]
    assert "two is better on these images" in result.sentence


def test_pairing_narrows_the_interval() -> None:
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 3, 500)
    hard = rng.random(500) < 0.3
    slightly = hard & (rng.random(500) < 0.9)
    paired = compare(answering(labels, ~hard, "one"), answering(labels, ~slightly, "two"))
    line = paired.measures.set_index("measure").loc["accuracy"]
    alone = answering(labels, ~hard, "one").measured.overall.set_index("measure").loc["accuracy"]
    assert line["high"] - line["low"] < 0.6 * (alone["high"] - alone["low"])


def test_the_same_answers_differ_in_nothing() -> None:
    labels = np.arange(30) % 3
    one = answering(labels, np.arange(30) % 4 > 0, "one")
    result = compare(one, one)
    assert (result.measures[["difference", "low", "high"]] == 0).all().all()
    assert result.p_value == 1


def test_other_rows_cannot_be_compared() -> None:
    labels = np.arange(6) % 3
    one = answering(labels, np.ones(6, bool), "one")
    with pytest.raises(UserError, match="same rows"):
        compare(one, answering(labels[:5], np.ones(5, bool), "two"))


def test_side_by_side_has_a_line_each() -> None:
    labels = np.arange(60) % 3
    table = side_by_side(
        [answering(labels, np.arange(60) % 4 > 0, "one"), answering(labels, np.arange(60) % 7 > 0, "two")]
    )
    assert table["by"].tolist() == ["one", "two"]
    assert table["accuracy"].tolist() == pytest.approx([0.75, 51 / 60])
    assert (table["low"] < table["accuracy"]).all()
