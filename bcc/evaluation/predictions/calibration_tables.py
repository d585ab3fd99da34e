"""Confidence before and after calibration, side by side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bcc.evaluation.calibration.reliability import (
    Binning,
    area_under_risk_coverage,
    brier_score,
    class_calibration_errors,
    expected_calibration_error,
    reliability,
    risk_coverage,
    top_predictions,
)
from bcc.evaluation.calibration.temperature import Calibration
from bcc.evaluation.intervals.probabilities import calibration_error_interval
from bcc.evaluation.metrics.classification import summary
from bcc.evaluation.predictions.sample_predictions import SamplePredictions


@dataclass(frozen=True)
class CalibrationTables:
    """Tables about the confidence of answers.

    Attributes:
        reliability, calibrated: groups of predictions before and after calibration.
            `None` where nothing was calibrated; then the other tables have no such column either.
        errors: measure, uncalibrated, low, high (its 95 % interval, where there is one), calibrated.
        per_class: class, uncalibrated, calibrated: the calibration error of each class's own probability.
    """

    reliability: pd.DataFrame
    calibrated: pd.DataFrame | None
    errors: pd.DataFrame
    per_class: pd.DataFrame


def calibration_tables(
    predictions: SamplePredictions, calibration: Calibration, binning: Binning = "equal_width"
) -> CalibrationTables:
    """Measure predictions before and after calibration."""
    labels, plain = predictions.labels, predictions.probabilities
    better = calibration(plain)
    lines = {
        "Expected calibration error": lambda p: expected_calibration_error(labels, p),
        "The same, equal counts": lambda p: expected_calibration_error(labels, p, binning="equal_count"),
        "Mean over classes": lambda p: float(class_calibration_errors(labels, p).mean()),
        "Log loss (nats)": lambda p: summary(labels, p)["log_loss"],
        "Brier score": lambda p: brier_score(labels, p),
        "Risk over coverage, area": lambda p: area_under_risk_coverage(risk_coverage(labels, p)),
    }
    ends = {
        "Expected calibration error": _interval(labels, plain, "equal_width"),
        "The same, equal counts": _interval(labels, plain, "equal_count"),
    }
    errors = []
    for name, of in lines.items():
        low, high = ends.get(name, (np.nan, np.nan))
        errors.append(
            {"measure": name, "uncalibrated": of(plain), "low": low, "high": high, "calibrated": of(better)}
        )
    per_class = pd.DataFrame(
        {
            "class": list(predictions.class_names),
            "uncalibrated": class_calibration_errors(labels, plain),
            "calibrated": class_calibration_errors(labels, better),
        }
    )
    tables = [pd.DataFrame(errors), per_class]
    if not calibration.fitted:
        tables = [table.drop(columns="calibrated") for table in tables]
    return CalibrationTables(
        reliability(*top_predictions(labels, plain), binning=binning),
        reliability(*top_predictions(labels, better), binning=binning) if calibration.fitted else None,
        *tables,
    )


def _interval(labels: np.ndarray, probabilities: np.ndarray, binning: Binning) -> tuple[float, float]:
    groups = reliability(*top_predictions(labels, probabilities), binning=binning)
    return calibration_error_interval(groups["n"], groups["confidence"], groups["accuracy"])
