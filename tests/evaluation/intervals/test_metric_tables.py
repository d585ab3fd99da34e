"""Every score equals scikit-learn's where it has one, with weights too; intervals are what they say."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from bcc.evaluation.intervals.curve_areas import half_samples
from bcc.evaluation.intervals.metric_tables import OVERALL, PER_CLASS, in_top, measure
from bcc.evaluation.metrics.classification import about_absent, count_confusions
from bcc.evaluation.metrics.curves import areas, precision_recall_curve, roc_curve
from bcc.evaluation.metrics.from_confusion import class_measures, overall_measures

Answers = tuple[np.ndarray, np.ndarray]


@st.composite
def answers(draw: st.DrawFn) -> Answers:
    """Labels, some of another class, and probabilities, some of them equal."""
    classes = draw(st.integers(2, 5))
    n = draw(st.integers(1, 30))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    labels = rng.integers(-1 if draw(st.booleans()) else 0, classes, n)
    probabilities = rng.dirichlet(np.full(classes, 0.4), n)
    if draw(st.booleans()):
        probabilities = np.round(probabilities * 4) + rng.uniform(0, 1e-9, probabilities.shape)
        probabilities /= probabilities.sum(axis=1, keepdims=True)
        probabilities = np.round(probabilities, 2)
    return labels, probabilities


@given(answers())
@settings(max_examples=60)
def test_overall_scores_equal_those_of_scikit_learn(answer: Answers) -> None:
    labels, probabilities = answer
    predicted = probabilities.argmax(axis=1)
    got = overall_measures(count_confusions(labels, predicted, probabilities.shape[1]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = {
            "accuracy": sk.accuracy_score(labels, predicted),
            "balanced_accuracy": sk.balanced_accuracy_score(labels, predicted),
            "macro_f1": sk.f1_score(labels, predicted, average="macro"),
            "macro_precision": sk.precision_score(labels, predicted, average="macro", zero_division=0),
            "cohen_kappa": sk.cohen_kappa_score(labels, predicted),
            "matthews": sk.matthews_corrcoef(labels, predicted),
        }
    for name, value in expected.items():
        assert float(got[name]) == pytest.approx(value, nan_ok=True), name


@given(answers())
@settings(max_examples=60)
def test_scores_of_a_class_equal_those_of_scikit_learn(answer: Answers) -> None:
    labels, probabilities = answer
    predicted = probabilities.argmax(axis=1)
    got = class_measures(count_confusions(labels, predicted, probabilities.shape[1]))
    roc, average = areas(labels, probabilities)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for k in range(probabilities.shape[1]):
            true, called = labels == k, predicted == k
            expected = {
                "precision": sk.precision_score(true, called, zero_division=0),
                "recall": sk.recall_score(true, called, zero_division=0),
                "f1": sk.f1_score(true, called, zero_division=0),
                "specificity": sk.recall_score(~true, ~called, zero_division=0),
                "cohen_kappa": sk.cohen_kappa_score(true, called),
                "matthews": sk.matthews_corrcoef(true, called),
            }
            for name, value in expected.items():
                assert got[name][k] == pytest.approx(value, nan_ok=True), name
            if true.any() and not true.all():
                assert roc[k] == pytest.approx(sk.roc_auc_score(true, probabilities[:, k]))
            else:
                assert np.isnan(roc[k])
            if true.any():
                assert average[k] == pytest.approx(sk.average_precision_score(true, probabilities[:, k]))
            else:
                assert np.isnan(average[k])


@given(answers())
@settings(max_examples=40)
def test_curves_enclose_their_areas_and_lie_on_scikit_learns(answer: Answers) -> None:
    labels, probabilities = answer
    for k in range(probabilities.shape[1]):
        true = labels == k
        if not true.any() or true.all():
            continue
        ours = roc_curve(labels, probabilities, k)
        area = np.trapezoid(ours["true_positive_rate"], ours["false_positive_rate"])
        assert area == pytest.approx(sk.roc_auc_score(true, probabilities[:, k]))
        false, found, thresholds = sk.roc_curve(true, probabilities[:, k], drop_intermediate=False)
        theirs = set(zip(false.round(9), found.round(9), thresholds.round(9), strict=True))
        assert {tuple(line) for line in ours[
            ["false_positive_rate", "true_positive_rate", "threshold"]
        ].to_numpy().round(9)} <= theirs  # fmt: skip
        curve = precision_recall_curve(labels, probabilities, k)
        steps = np.diff(np.append(0, curve["recall"]))
        theirs_p, theirs_r, _ = sk.precision_recall_curve(true, probabilities[:, k])
        points = set(zip(theirs_r.round(9), theirs_p.round(9), strict=True))
        assert set(map(tuple, curve[["recall", "precision"]].to_numpy().round(9))) <= points
        assert (steps >= 0).all()
        assert curve["recall"].iloc[-1] == 1


@given(answers(), st.integers(0, 1000))
@settings(max_examples=30)
def test_a_weight_is_a_row_that_many_times(answer: Answers, seed: int) -> None:
    labels, probabilities = answer
    weights = np.random.default_rng(seed).integers(0, 4, (3, len(labels))).astype(np.float32)
    roc, average = areas(labels, probabilities, weights)
    for line, times in enumerate(weights):
        again = np.repeat(np.arange(len(labels)), times.astype(int))
        once_roc, once_average = areas(labels[again], probabilities[again])
        assert roc[line] == pytest.approx(once_roc, nan_ok=True)
        assert average[line] == pytest.approx(once_average, nan_ok=True)


@pytest.mark.parametrize("unknown", [False, True])
def test_all_scores_at_once_are_the_single_ones(unknown: bool) -> None:
    rng = np.random.default_rng(3)
    labels = rng.integers(-1 if unknown else 0, 4, 400)
    probabilities = rng.dirichlet(np.full(4, 0.5), 400)
    names = ["a", "b", "c", "d"]
    got = measure(labels, probabilities, names)
    overall = got.overall.set_index("measure")
    assert list(overall.index) == list(OVERALL)
    predicted = probabilities.argmax(axis=1)
    assert overall.loc["accuracy", "value"] == pytest.approx(sk.accuracy_score(labels, predicted))
    assert overall.loc["matthews", "value"] == pytest.approx(sk.matthews_corrcoef(labels, predicted))
    if not unknown:
        assert overall.loc["top_2", "value"] == pytest.approx(
            sk.top_k_accuracy_score(labels, probabilities, k=2)
        )
        assert overall.loc["log_loss", "value"] == pytest.approx(sk.log_loss(labels, probabilities))
        assert overall.loc["macro_roc_area", "value"] == pytest.approx(
            sk.roc_auc_score(labels, probabilities, multi_class="ovr", average="macro")
        )
    ends = got.overall[["low", "value", "high"]].to_numpy()
    assert (np.diff(ends, axis=1) >= 0).all()
    assert (np.diff(got.per_class[["low", "value", "high"]].to_numpy(), axis=1) >= 0).all()
    wide = got.wide().set_index("class")
    assert list(wide.columns) == [*PER_CLASS, "support"]
    assert wide["support"].tolist() == [(labels == k).sum() for k in range(4)]


def test_the_same_seed_gives_the_same_intervals_and_another_hardly_other_ones() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 300)
    probabilities = rng.dirichlet(np.ones(3), 300)
    first, again, other = (measure(labels, probabilities, "abc", seed=s).overall for s in (0, 0, 1))
    assert first.equals(again)
    assert first["low"].to_numpy() == pytest.approx(other["low"].to_numpy(), abs=0.03)


def test_an_interval_of_recall_is_as_wide_as_theory_says() -> None:
    labels = np.zeros(400, np.int64)
    right = np.arange(400) < 360
    probabilities = np.where(right[:, None], [0.9, 0.1], [0.1, 0.9])
    line = measure(labels, probabilities, ["a", "b"]).per_class.set_index(["measure", "class"])
    low, high = line.loc[("recall", "a"), ["low", "high"]]
    half = 1.96 * np.sqrt(0.9 * 0.1 / 400)
    assert (high - low) / 2 == pytest.approx(half, rel=0.12)


def test_a_class_without_a_image_has_no_recall_and_does_no_harm() -> None:
    labels = np.array([0, 0, 1, 1])
    probabilities = np.array([[0.8, 0.1, 0.1], [0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.6, 0.3, 0.1]])
    got = measure(labels, probabilities, ["a", "b", "empty"])
    table = got.per_class.set_index(["measure", "class"])["value"]
    for name in ("recall", "roc_area", "average_precision", "top_2", "f1"):
        assert np.isnan(table[name, "empty"])
    assert got.overall.set_index("measure").loc["balanced_accuracy", "value"] == pytest.approx(0.75)
    assert got.overall["value"].notna().all()
    assert "No image here is empty:" in about_absent(labels, ["a", "b", "empty"])
    assert about_absent(labels, ["a", "b"]) == ""


def test_no_rows_have_no_scores() -> None:
    got = measure(np.zeros(0, np.int64), np.zeros((0, 3), np.float32), "abc")
    assert got.overall["value"].isna().all()


def test_halves_are_halves_of_every_class() -> None:
    labels = np.array([0] * 50 + [1] * 3 + [2] + [-1] * 6)
    taken = half_samples(labels, seed=1)
    assert set(np.unique(taken)) == {0, 1}
    for label, least, most in ((0, 25, 25), (1, 1, 2), (2, 1, 1), (-1, 3, 3)):
        many = taken[:, labels == label].sum(axis=1)
        assert (many.min(), many.max()) == (least, most)
    assert len(np.unique(taken, axis=0)) > 90


def test_the_first_of_equals_is_likelier() -> None:
    probabilities = np.array([[0.25, 0.25, 0.25, 0.25]] * 4)
    assert in_top(np.arange(4), probabilities, 2).tolist() == [True, True, False, False]
    assert not in_top(np.array([-1]), np.array([[0.5, 0.5]]), 2).any()
