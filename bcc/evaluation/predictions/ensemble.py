"""Several runs predict as one (Hansen and Salamon 1990), and are scored as one run would be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from bcc.errors import UserError
from bcc.evaluation.calibration.temperature import FEWEST_ROWS
from bcc.evaluation.predictions.averaging import Mean, combine, fit_weights
from bcc.evaluation.predictions.sample_predictions import SamplePredictions


def ensemble(
    members: Sequence[SamplePredictions],
    mean: Mean = "probabilities",
    validation: Sequence[SamplePredictions] | None = None,
) -> SamplePredictions:
    """Combine what several runs predict of the same rows.

    Args:
        members: of two runs or more, from `predict_together`.
        mean: of probabilities or of logits.
        validation: the same runs' predictions of validation rows, from `predict_validation`: weights with
            the lowest log loss on them. Without them every run has the same weight.

    Raises:
        UserError: fewer than two runs.
    """
    if len(members) < 2:
        raise UserError("An ensemble needs two runs or more.")
    weights, note = None, "In the plain means every run counts the same."
    if validation is not None:
        weights, note = fitted_weights(validation, mean)
    first = members[0]
    return replace(
        first,
        probabilities=combine([one.probabilities for one in members], mean, weights),
        by=f"ensemble ({mean}{'' if validation is None else ', fitted'})",
        notes=(*first.notes, note),
    )


def fitted_weights(validation: Sequence[SamplePredictions], mean: Mean) -> tuple[np.ndarray, str]:
    """The weight of each run, fitted on validation rows, and a sentence about the weights.

    Returns:
        float64 (runs,), adding up to 1; equal ones where there are too few rows to fit on.
    """
    rows = len(validation[0].rows)
    if rows < FEWEST_ROWS:
        return np.full(len(validation), 1 / len(validation)), (
            f"Only {rows} validation rows were used to train none of the runs: too few to fit "
            "weights on, so every run counts the same."
        )
    weights = fit_weights(validation[0].labels, [one.probabilities for one in validation], mean)
    shares = ", ".join(f"{one.by} {weight:.2f}" for one, weight in zip(validation, weights, strict=True))
    return weights, f"Weights fitted on {rows:,} validation rows: {shares}."
