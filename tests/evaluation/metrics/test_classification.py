from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from bcc.evaluation import UNKNOWN, confusion_matrix, mistakes, per_class, summary

NAMES = ["basophil", "eosinophil", "platelet"]


def one_hot(predicted: list[int], classes: int, sureness: float = 0.9) -> np.ndarray:
    probabilities = np.full((len(predicted), classes), (1 - sureness) / (classes - 1))
    probabilities[np.arange(len(predicted)), predicted] = sureness
    return probabilities


@st.composite
def answers(draw: st.DrawFn, unknown: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Labels and probabilities; small sets, so that classes are often missing on either side."""
    classes = draw(st.integers(2, 6))
    n = draw(st.integers(1, 25))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    labels = rng.integers(-1 if unknown else 0, classes, n)
    probabilities = rng.dirichlet(np.full(classes, 0.3), n)
    if draw(st.booleans()):
        probabilities = np.eye(classes)[probabilities.argmax(axis=1)]
    return labels, probabilities


@given(answers())
@settings(deadline=None, max_examples=60)
def test_scores_equal_those_of_scikit_learn(answer: tuple[np.ndarray, np.ndarray]) -> None:
    labels, probabilities = answer
    classes = list(range(probabilities.shape[1]))
    predicted = probabilities.argmax(axis=1)
    got = summary(labels, probabilities)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert got["accuracy"] == pytest.approx(sk.accuracy_score(labels, predicted))
        assert got["macro_f1"] == pytest.approx(sk.f1_score(labels, predicted, average="macro"))
        assert got["macro_f1"] == pytest.approx(
            sk.f1_score(labels, predicted, average="macro", labels=classes, zero_division=np.nan)
        )
        assert got["balanced_accuracy"] == pytest.approx(sk.balanced_accuracy_score(labels, predicted))
        assert got["log_loss"] == pytest.approx(sk.log_loss(labels, probabilities, labels=classes))
    assert got["n"] == len(labels)

    names = [f"class {position}" for position in classes]
    matrix = confusion_matrix(labels, predicted, names)
    assert np.array_equal(matrix.to_numpy(), sk.confusion_matrix(labels, predicted, labels=classes))
    precision, recall, f1, support = sk.precision_recall_fscore_support(
        labels, predicted, labels=classes, zero_division=0
    )
    frame = per_class(labels, probabilities, names)
    assert frame["precision"].to_numpy() == pytest.approx(precision)
    assert frame["recall"].to_numpy() == pytest.approx(recall)
    assert frame["f1"].to_numpy() == pytest.approx(f1)
    assert frame["support"].tolist() == support.tolist()
    assert frame["predicted"].tolist() == np.bincount(predicted, minlength=len(classes)).tolist()


@given(answers(unknown=True))
@settings(deadline=None, max_examples=40)
def test_unknown_classes_count_as_in_scikit_learn(answer: tuple[np.ndarray, np.ndarray]) -> None:
    labels, probabilities = answer
    classes = list(range(probabilities.shape[1]))
    predicted = probabilities.argmax(axis=1)
    got = summary(labels, probabilities)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert got["accuracy"] == pytest.approx(sk.accuracy_score(labels, predicted))
        assert got["macro_f1"] == pytest.approx(sk.f1_score(labels, predicted, average="macro"))
        assert got["balanced_accuracy"] == pytest.approx(sk.balanced_accuracy_score(labels, predicted))
        precision, *_ = sk.precision_recall_fscore_support(labels, predicted, labels=classes, zero_division=0)
    names = [f"class {position}" for position in classes]
    assert per_class(labels, probabilities, names)["precision"].to_numpy() == pytest.approx(precision)


@given(answers(unknown=True))
@settings(deadline=None, max_examples=40)
def test_mistakes_are_all_the_wrong_rows_the_surest_first(answer: tuple[np.ndarray, np.ndarray]) -> None:
    labels, probabilities = answer
    names = [f"class {position}" for position in range(probabilities.shape[1])]
    rows = np.arange(len(labels)) * 7 + 3
    frame = mistakes(labels, probabilities, names, rows)
    assert set(frame["row"]) == set(rows[probabilities.argmax(axis=1) != labels])
    assert frame["probability"].is_monotonic_decreasing
    assert (frame["true"] != frame["predicted"]).all()
    assert (frame["probability_of_true"] <= frame["probability"]).all()


def test_the_confusion_matrix_names_its_sides() -> None:
    matrix = confusion_matrix(np.array([0, 0, 2]), np.array([0, 2, 2]), NAMES)
    assert matrix.loc["basophil", "platelet"] == 1
    assert matrix.index.tolist() == matrix.columns.tolist() == NAMES
    assert (matrix.index.name, matrix.columns.name) == ("true", "predicted")


def test_a_image_of_an_unknown_class_is_always_wrong() -> None:
    labels, probabilities = np.array([0, -1]), one_hot([0, 1], 3)
    assert summary(labels, probabilities)["accuracy"] == 0.5
    assert summary(labels, probabilities)["log_loss"] > 10
    assert confusion_matrix(labels, np.array([0, 1]), NAMES).loc[UNKNOWN].tolist() == [0, 1, 0]
    frame = mistakes(labels, probabilities, NAMES, np.array([5, 9]))
    assert frame.iloc[0].to_dict() == {
        "row": 9,
        "true": UNKNOWN,
        "predicted": "eosinophil",
        "probability": 0.9,
        "probability_of_true": 0.0,
    }


def test_a_class_that_is_nowhere_has_zeros_and_does_not_harm_the_mean() -> None:
    labels, probabilities = np.array([0, 1]), one_hot([0, 1], 3)
    frame = per_class(labels, probabilities, NAMES)
    assert frame.loc[2, ["precision", "recall", "f1", "support", "predicted"]].tolist() == [0, 0, 0, 0, 0]
    assert summary(labels, probabilities)["macro_f1"] == 1.0


def test_single_precision_certainty_gives_a_finite_loss() -> None:
    probabilities = np.eye(3, dtype=np.float32)
    labels = np.array([1, 1, 2])
    expected = sk.log_loss(labels, probabilities, labels=[0, 1, 2])
    assert summary(labels, probabilities)["log_loss"] == pytest.approx(expected, rel=1e-5)


def test_no_rows_have_no_scores() -> None:
    labels, probabilities = np.empty(0, dtype=np.int64), np.empty((0, 3))
    got = summary(labels, probabilities)
    assert got["n"] == 0
    assert np.isnan(got["accuracy"])
    assert mistakes(labels, probabilities, NAMES, labels).empty
    assert per_class(labels, probabilities, NAMES)["support"].tolist() == [0, 0, 0]


def test_shapes_and_labels_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match=r"shape \(2, 3\)"):
        per_class(np.array([0, 1]), one_hot([0, 1], 4), NAMES)
    with pytest.raises(ValueError, match=r"-1\.\.2"):
        summary(np.array([0, 3]), one_hot([0, 1], 3))
