"""Intervals hold as often as they say, on small sets too, and never claim certainty.

What holds how often was simulated at length (bench/interval_coverage.py); here a few corners of it are done
again, small, with fixed seeds.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, binomtest

from bcc.evaluation.intervals.confusion import confusion_intervals, difference_intervals
from bcc.evaluation.intervals.curve_areas import area_intervals
from bcc.evaluation.intervals.metric_tables import OVERALL, measure
from bcc.evaluation.intervals.probabilities import calibration_error_interval, log_loss_interval
from bcc.evaluation.metrics.curves import areas
from bcc.evaluation.metrics.from_confusion import overall_measures
from bcc.wilson import wilson

SHARES = np.array([1218, 3117, 1551, 2895, 1214, 1420, 3329, 2348]) / 17092
"""Of the eight classes of the challenge."""


def true_matrix(accuracy: float, shares: np.ndarray = SHARES) -> np.ndarray:
    """Shares of all fields, (K + 1, K), where mistakes go anywhere."""
    classes = len(shares)
    wrong = (1 - accuracy) / (classes - 1) * (1 - np.eye(classes))
    rows = (wrong + accuracy * np.eye(classes)) * shares[:, None]
    return np.concatenate([rows, np.zeros((1, classes))])


def drawn(matrix: np.ndarray, n: int, samples: int, seed: int = 0) -> np.ndarray:
    """Counts of random samples: (samples, K + 1, K)."""
    rng = np.random.default_rng(seed)
    return rng.multinomial(n, matrix.ravel(), samples).reshape(samples, *matrix.shape)


@pytest.mark.parametrize(("right", "n"), [(0, 1), (1, 1), (45, 50), (50, 50), (0, 50), (299, 300), (7, 20)])
def test_a_plain_share_has_wilsons_interval(right: int, n: int) -> None:
    low, high = wilson(np.array(right / n), np.array(n))
    expected = binomtest(right, n).proportion_ci(method="wilson")
    assert (low, high) == (pytest.approx(expected.low, abs=1e-12), pytest.approx(expected.high))
    assert low < high


def test_no_images_have_no_interval() -> None:
    low, high = wilson(np.array([0.5, np.nan]), np.array([0, 3]))
    assert np.isnan([low, high]).all()


@pytest.mark.parametrize("accuracy", [0.88, 0.97])
@pytest.mark.parametrize("n", [20, 50, 300])
def test_scores_of_a_matrix_are_covered(n: int, accuracy: float) -> None:
    matrix = true_matrix(accuracy)
    truth = overall_measures(matrix)
    found = confusion_intervals(drawn(matrix, n, 400))
    for name, (low, high) in found.items():
        covered = ((low <= truth[name]) & (truth[name] <= high)).mean()
        # Three standard errors of 400 samples below 93 %; Wilson's itself dips below 95 %.
        assert covered > 0.90, (name, covered)
        assert (high - low).min() > 0


@pytest.mark.parametrize("classes", [2, 3, 12])
def test_scores_are_covered_with_other_numbers_of_classes(classes: int) -> None:
    matrix = true_matrix(0.95, np.full(classes, 1 / classes))
    truth = overall_measures(matrix)
    for name, (low, high) in confusion_intervals(drawn(matrix, 50, 200)).items():
        assert ((low <= truth[name]) & (truth[name] <= high)).mean() > 0.9, name


def test_intervals_are_not_absurdly_wide() -> None:
    counts = np.zeros((1, 9, 8))
    counts[0, :8] = np.diag([4, 9, 5, 8, 4, 4, 10, 6])
    found = confusion_intervals(counts)
    for name in ("macro_f1", "balanced_accuracy", "cohen_kappa", "matthews"):
        low, high = found[name]
        assert high == 1
        assert 0.8 < low < 0.93, name


def test_many_images_have_narrow_intervals() -> None:
    counts = np.round(true_matrix(0.97) * 100_000)[None]
    for name, (low, high) in confusion_intervals(counts).items():
        assert 0 < high - low < 0.005, name


def test_a_class_that_is_called_without_being_there_leaves_room_above() -> None:
    counts = np.zeros((1, 4, 3))
    counts[0, 0] = [20, 0, 1]
    counts[0, 1] = [0, 20, 0]
    low, high = (end[0] for end in confusion_intervals(counts)["macro_f1"])
    assert low < overall_measures(counts)["macro_f1"][0] < 0.7
    assert high > 0.97


def test_nothing_wrong_is_no_certainty() -> None:
    labels = np.arange(40) % 4
    got = measure(labels, np.eye(4)[labels], "abcd")
    for table in (got.overall, got.per_class):
        assert (table["high"] > table["low"]).all()
    shares = got.overall[~got.overall["measure"].isin(["log_loss"])]
    assert (shares["low"] < 1).all()
    assert (shares["high"] == 1).all()


@pytest.mark.parametrize(
    ("labels", "answers"),
    [
        ([0] * 5, [0] * 5),
        ([0] * 5, [1] * 5),
        ([-1, -1], [0, 1]),
        ([0], [0]),
        ([0, 1], [1, 0]),
        ([0, 0, 1, -1], [0, 1, 1, 1]),
    ],
)
def test_odd_sets_have_intervals_around_their_scores(labels: list[int], answers: list[int]) -> None:
    got = measure(np.array(labels), np.eye(3)[answers] * 0.9 + 0.1 / 3, "abc")
    for table in (got.overall, got.per_class):
        known = table.dropna(subset=["value", "low"])
        assert (known["low"] <= known["value"] + 1e-12).all()
        assert (known["value"] <= known["high"] + 1e-12).all()
        assert (known["low"] < known["high"]).all()
    assert list(got.overall["measure"]) == list(OVERALL)


def test_no_images_have_no_intervals() -> None:
    got = measure(np.zeros(0, np.int64), np.zeros((0, 3)), "abc")
    assert got.overall[["value", "low", "high"]].isna().all().all()


def test_areas_are_covered() -> None:
    rng = np.random.default_rng(0)

    def answers(n: int) -> tuple[np.ndarray, np.ndarray]:
        labels = rng.choice(8, n, p=SHARES)
        logits = rng.normal(0, 1, (n, 8))
        logits[np.arange(n), labels] += 3
        powers = np.exp(logits)
        return labels, powers / powers.sum(axis=1, keepdims=True)

    truth = dict(zip(("roc_area", "average_precision"), areas(*answers(100_000)), strict=True))
    covered = {name: [] for name in truth}
    for _ in range(60):
        found = area_intervals(*answers(50))
        for name, values in truth.items():
            low, high = found.macro[name]
            covered[name].append(low <= values.mean() <= high)
            lows, highs = found.ends[name]
            known = np.isfinite(lows)
            assert (highs[known] > lows[known]).all()
    assert all(np.mean(one) > 0.9 for one in covered.values())


def test_a_difference_is_covered_and_open_where_both_say_the_same() -> None:
    labels = np.arange(50) % 8
    found = difference_intervals(labels, labels, labels, 8)
    for value, low, high in found.values():
        assert value == 0
        assert -0.25 < low < 0 < high < 0.25
    rng = np.random.default_rng(0)
    covered = []
    for _ in range(150):
        labels = rng.choice(8, 60, p=SHARES)
        hard = rng.random(60)
        said = [
            np.where(hard + 0.1 * rng.random(60) < limit, labels, (labels + 1) % 8) for limit in (0.9, 0.95)
        ]
        _, low, high = difference_intervals(labels, said[0], said[1], 8)["accuracy"]
        covered.append(low <= 0.05 <= high)
    assert np.mean(covered) > 0.93


def test_log_loss_and_calibration_error_are_covered_without_a_mistake_seen() -> None:
    rng = np.random.default_rng(0)
    covered: list[tuple[bool, bool]] = []
    for _ in range(100):
        right = rng.random(50) < 0.97
        losses = np.where(right, -np.log(0.98), -np.log(0.02))
        low, high = log_loss_interval(losses, right, np.full(50, 0.02))
        truth = 0.97 * -np.log(0.98) + 0.03 * -np.log(0.02)
        below, above = calibration_error_interval(np.array([50]), np.array([0.98]), np.array([right.mean()]))
        covered.append((low <= truth <= high, below <= 0.01 <= above))
        assert high > low
        assert above > below
    assert np.mean(covered, axis=0).min() > 0.9


def test_wilsons_interval_covers_on_average() -> None:
    """At 50 images over all the shares that matter here, exactly."""
    x = np.arange(51)
    low, high = wilson(x / 50, np.full(51, 50))
    truths = np.linspace(0.7, 0.995, 100)
    covered = [binom.pmf(x, 50, p)[(low <= p) & (p <= high)].sum() for p in truths]
    assert np.mean(covered) == pytest.approx(0.955, abs=0.012)
    assert np.min(covered) > 0.89
