"""Several runs answer as one (Hansen and Salamon 1990), and are scored as one run would be."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bcc.datasets import Dataset
from bcc.errors import UserError
from bcc.evaluation.calibration.temperature import FEWEST_ROWS
from bcc.evaluation.predictions.averaging import Mean, combine, fit_weights
from bcc.evaluation.predictions.predict_rows import (
    PredictorOf,
    Progress,
    in_classes_of,
    joined,
    load_predictor,
    predict_together,
    predictions_on,
)
from bcc.evaluation.predictions.sample_predictions import SamplePredictions
from bcc.evaluation.rows import Choice, validation_rows
from bcc.evaluation.run_dataset import own_data
from bcc.runs import Run


def ensemble(
    runs: Sequence[Run],
    dataset: Dataset,
    mean: Mean = "probabilities",
    fitted: bool = False,
    choice: Choice = "default",
    predictor_of: PredictorOf = load_predictor,
    progress: Progress | None = None,
    members: Sequence[SamplePredictions] | None = None,
) -> SamplePredictions:
    """Score runs together on one set.

    Args:
        runs: two or more, with the same classes.
        dataset: prepared as the runs want their images; none of the scored rows was trained on by any.
        mean: of probabilities or of logits.
        fitted: weights with the lowest log loss on the first run's validation rows; else equal ones.
        choice, predictor_of, progress: as for `predict_together`.
        members: the runs' answers on those rows, where they are at hand.

    Raises:
        UserError: fewer than two runs, other classes, no row left, or (fitted) the first run's data is gone.
    """
    if len(runs) < 2:
        raise UserError("An ensemble needs two runs or more.")
    answers = list(members) if members else predict_together(runs, dataset, choice, predictor_of, progress)
    weights, note = None, "In the plain means every run counts the same."
    if fitted:
        weights, note = fitted_weights(runs, mean, predictor_of, progress)
    combined = combine([one.probabilities for one in answers], mean, weights)
    return joined(answers, combined, f"ensemble ({mean}{', fitted' if fitted else ''})", note)


def fitted_weights(
    runs: Sequence[Run],
    mean: Mean,
    predictor_of: PredictorOf = load_predictor,
    progress: Progress | None = None,
) -> tuple[np.ndarray, str]:
    """Weights from the first run's validation rows that no run was trained on, and a sentence about them."""
    data = own_data(runs[0])
    rows, labels = validation_rows(runs, data)
    if len(rows) < FEWEST_ROWS:
        return np.full(len(runs), 1 / len(runs)), (
            f"Only {len(rows)} validation rows were used to train none of the runs: too few to fit "
            "weights on, so every run counts the same."
        )
    names = runs[0].class_names
    said = [
        in_classes_of(predictions_on(run, data, rows, predictor_of, progress), run.class_names, names, run)
        for run in runs
    ]
    weights = fit_weights(labels, said, mean)
    shares = ", ".join(f"{run.id} {weight:.2f}" for run, weight in zip(runs, weights, strict=True))
    return weights, f"Weights fitted on {len(rows):,} validation rows: {shares}."
