from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from bcc.evaluation.calibration.reliability import (
    abstaining,
    area_under_risk_coverage,
    brier_score,
    class_calibration_errors,
    expected_calibration_error,
    reliability,
    risk_coverage,
    threshold_for,
)
from bcc.evaluation.calibration.temperature import (
    Calibration,
    at_temperature,
    calibration_of,
    fit_temperature,
)
from bcc.evaluation.predictions.calibration_tables import calibration_tables
from bcc.evaluation.predictions.sample_predictions import of_split
from bcc.runs import Run


def drawn(seed: int, n: int, temperature: float = 1.0, classes: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Labels drawn from the probabilities, which are then told at another temperature."""
    rng = np.random.default_rng(seed)
    true = rng.dirichlet(np.full(classes, 0.4), n)
    labels = np.array([rng.choice(classes, p=p) for p in true])
    return labels, at_temperature(true, temperature)


def test_groups_by_hand() -> None:
    confidence = np.array([0.05, 0.1, 0.95, 1.0, 0.9])
    right = np.array([False, True, True, True, False])
    table = reliability(confidence, right, bins=10)
    assert table["n"].tolist() == [2, 1, 2], "groups are closed above: 0.1 is in the first, 0.9 in the ninth"
    assert table["low"].tolist() == pytest.approx([0.0, 0.8, 0.9])
    assert table["accuracy"].tolist() == [0.5, 0.0, 1.0]
    assert table["confidence"].tolist() == pytest.approx([0.075, 0.9, 0.975])


def test_groups_of_equal_count() -> None:
    rng = np.random.default_rng(0)
    table = reliability(rng.random(103), rng.random(103) < 0.5, bins=10, binning="equal_count")
    assert table["n"].min() >= 10
    assert table["n"].sum() == 103
    assert (np.diff(table["low"]) > 0).all()
    assert len(reliability(np.array([0.5, 0.5]), np.array([True, False]), 15, "equal_count")) == 2


def test_calibration_error_by_hand() -> None:
    probabilities = np.array([[0.8, 0.2]] * 10)
    labels = np.array([0] * 5 + [1] * 5)
    assert expected_calibration_error(labels, probabilities) == pytest.approx(0.3)
    assert class_calibration_errors(labels, probabilities) == pytest.approx([0.3, 0.3])
    assert np.isnan(expected_calibration_error(np.zeros(0, np.int64), np.zeros((0, 2))))


@pytest.mark.parametrize("told", [0.4, 1.0, 2.5])
def test_the_temperature_is_found(told: float) -> None:
    labels, probabilities = drawn(0, 4000, told)
    fitted = fit_temperature(labels, probabilities)
    assert fitted.temperature == pytest.approx(1 / told, rel=0.08)
    assert fitted.n == 4000
    assert fitted.log_loss_after <= fitted.log_loss_before + 1e-12
    if told != 1:
        assert fitted.error_after < fitted.error_before / 3


@given(st.integers(0, 500), st.floats(0.3, 3))
@settings(max_examples=15)
def test_no_other_temperature_has_a_lower_log_loss(seed: int, told: float) -> None:
    labels, probabilities = drawn(seed, 60, told)
    fitted = fit_temperature(labels, probabilities)
    for factor in (0.9, 1.1):
        other = at_temperature(probabilities, np.clip(fitted.temperature * factor, 0.05, 20))
        loss = sk.log_loss(labels, other.astype(np.float64), labels=range(4))
        assert fitted.log_loss_after <= loss + 1e-6


def test_a_temperature_changes_no_answer() -> None:
    _, probabilities = drawn(1, 200)
    cooler = at_temperature(probabilities, 0.3)
    assert cooler.sum(axis=1) == pytest.approx(np.ones(200), abs=1e-5)
    np.testing.assert_array_equal(cooler.argmax(axis=1), probabilities.argmax(axis=1))


def test_certainty_and_perfection_stay_within_bounds() -> None:
    labels = np.arange(100) % 3
    perfect = fit_temperature(labels, np.eye(3)[labels])
    assert 0.05 <= perfect.temperature <= 20
    wrong = fit_temperature((labels + 1) % 3, np.eye(3)[labels])
    assert 0.05 <= wrong.temperature <= 20.0001
    assert np.isfinite(wrong.log_loss_after)


def test_too_few_rows_fit_nothing() -> None:
    few = fit_temperature(np.zeros(5, np.int64), np.full((5, 2), 0.5))
    assert few == Calibration()
    assert "too few" in few.sentence
    assert fit_temperature(np.full(100, -1), np.full((100, 2), 0.5)).n == 0


def test_it_is_kept_in_the_run_and_fitted_again_when_the_run_went_on(
    finished_run_folder: Path, tmp_path: Path
) -> None:
    run = Run(shutil.copytree(finished_run_folder, tmp_path / "run"))
    said = run.read_predictions().of(1)
    extended = {
        name: np.concatenate([getattr(run.read_predictions(), name), *[getattr(said, name)] * 9])
        for name in ("rows", "split", "labels", "probabilities")
    }
    np.savez(run.predictions, **extended)
    fitted = calibration_of(run)
    assert fitted.n >= 20
    kept = json.loads(run.calibration.read_text())
    assert kept["temperature"] == fitted.temperature
    assert kept["split"] == "validation"
    # The file is what counts ...
    run.calibration.write_text(json.dumps({**kept, "temperature": 3.0}))
    assert calibration_of(run).temperature == 3.0
    copied = Run(shutil.copytree(run.folder, tmp_path / "copied"))
    os.utime(copied.predictions, ns=(1, 1))
    assert calibration_of(copied).temperature == 3.0, "in a copy of the run too"
    # ... until the predictions are others, or it is damaged.
    run.calibration.write_text("{")
    assert calibration_of(run).temperature == fitted.temperature
    np.savez(copied.predictions, **{**extended, "probabilities": extended["probabilities"][:, ::-1]})
    assert calibration_of(copied).temperature != 3.0


def test_risk_and_coverage_by_hand() -> None:
    probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.8, 0.2], [0.6, 0.4]])
    labels = np.array([0, 0, 1, 1])
    curve = risk_coverage(labels, probabilities)
    assert curve["n"].tolist() == [1, 3, 4], "equal confidence stands or falls together"
    assert curve["accuracy"].tolist() == pytest.approx([1, 2 / 3, 0.5])
    assert curve["coverage"].iloc[-1] == 1
    assert area_under_risk_coverage(curve) == pytest.approx((0 * 1 + 1 / 3 * 2 + 0.5 * 1) / 4)
    assert risk_coverage(np.zeros(0, np.int64), np.zeros((0, 2))).empty


def test_the_threshold_keeps_what_it_promises_and_no_lower_one_does() -> None:
    labels, probabilities = drawn(5, 500)
    found = threshold_for(labels, probabilities, 0.9)
    assert found is not None
    assert found.accuracy >= 0.9
    assert abstaining(labels, probabilities, found.threshold) == found
    curve = risk_coverage(labels, probabilities)
    assert (curve.loc[curve["threshold"] < found.threshold, "accuracy"] < 0.9).all()
    assert threshold_for(labels, 1 - np.eye(4)[labels] * 0.99, 0.5) is None


def test_brier_score_is_scikit_learns() -> None:
    labels, probabilities = drawn(6, 100)
    assert brier_score(labels, probabilities) == pytest.approx(
        sk.brier_score_loss(labels, probabilities / probabilities.sum(axis=1, keepdims=True), labels=range(4))
    )


def test_before_and_after_side_by_side(finished_run_folder: Path) -> None:
    predictions = of_split(Run(finished_run_folder), "test")
    facts = calibration_tables(predictions, Calibration(temperature=2.0, n=50))
    assert facts.errors["uncalibrated"].iloc[0] == pytest.approx(
        expected_calibration_error(predictions.labels, predictions.probabilities)
    )
    assert facts.errors["calibrated"].iloc[0] == pytest.approx(
        expected_calibration_error(predictions.labels, at_temperature(predictions.probabilities, 2.0))
    )
    assert facts.per_class["class"].tolist() == list(predictions.class_names)
    error = facts.errors.iloc[0]
    assert error["low"] <= error["uncalibrated"] <= error["high"]
    assert error["low"] < error["high"]


def test_where_nothing_was_calibrated_nothing_is_called_so(finished_run_folder: Path) -> None:
    facts = calibration_tables(of_split(Run(finished_run_folder), "test"), Calibration())
    assert facts.calibrated is None
    assert "calibrated" not in facts.errors
    assert "calibrated" not in facts.per_class


@pytest.mark.parametrize(
    ("temperature", "n", "said"),
    [
        (1.0, 0, "Not calibrated"),
        (1.4, 50, "softer"),
        (0.7, 50, "sharper"),
        (1.001, 50, "do not change"),
        (0.05, 50, "as far as a temperature may go"),
    ],
)
def test_the_sentence_says_what_was_done(temperature: float, n: int, said: str) -> None:
    calibration = Calibration(temperature, n)
    assert said in calibration.sentence
    assert ("the calibrated probability" in calibration.about_confidence) == (n > 0)
