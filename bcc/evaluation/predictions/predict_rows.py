"""Predict rows of a dataset: by one run, or by several runs on the same rows.

Predictions that a run saved for its own rows are read; its model is asked for the others only. TensorFlow is
loaded when a model has to be.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from bcc.datasets import Dataset
from bcc.errors import UserError
from bcc.evaluation.class_matching import match_classes
from bcc.evaluation.metrics.classification import about_absent
from bcc.evaluation.predictions.sample_predictions import SamplePredictions
from bcc.evaluation.rows import Choice, choose_rows, seen_in_training, validation_rows
from bcc.evaluation.run_dataset import own_data
from bcc.progress import Progress
from bcc.runs import Run

PredictFn = Callable[[np.ndarray, np.ndarray, Progress | None], np.ndarray]
"""Images (N, H, W, 3) and rows (M,) in, probabilities (M, K) out: `Predictor`, `TestTimeAugmentation`."""
PredictorOf = Callable[[Run], PredictFn]


def load_predictor(run: Run) -> PredictFn:
    """A run's model, loaded and ready.

    Raises:
        UserError: the run has no readable model.
    """
    from bcc.models.prediction import Predictor
    from bcc.models.saving import load_model

    return Predictor(load_model(run.model))


def predictions_on(
    run: Run,
    dataset: Dataset,
    rows: np.ndarray,
    predictor_of: PredictorOf = load_predictor,
    progress: Progress | None = None,
) -> np.ndarray:
    """A run's probabilities for some rows: those that it wrote down, else its model's.

    Args:
        run: which.
        dataset: prepared as the run wants its images.
        rows: int64 (M,).
        predictor_of: gives a run's model; the app hands over the one that it keeps.

    Returns:
        float32 (M, K).
    """
    if dataset.fingerprint == run.read_json(run.dataset)["fingerprint"] and run.predictions.exists():
        said = run.read_predictions()
        order = np.argsort(said.rows, kind="stable")
        place = np.minimum(np.searchsorted(said.rows[order], rows), max(len(order) - 1, 0))
        if len(order) and (said.rows[order][place] == rows).all():
            return said.probabilities[order][place]
    return predictor_of(run)(dataset.images, rows, progress)


def score(
    run: Run,
    dataset: Dataset,
    choice: Choice = "default",
    predictor_of: PredictorOf = load_predictor,
    progress: Progress | None = None,
) -> SamplePredictions:
    """One run's answers about the rows that `choose_rows` picks."""
    chosen = choose_rows(run, dataset, choice)
    said = predictions_on(run, dataset, chosen.rows, predictor_of, progress)
    return SamplePredictions(
        chosen.rows, chosen.labels, said, run.class_names, chosen.split, chosen.notes, run.id
    )


def predict_together(
    runs: Sequence[Run],
    dataset: Dataset,
    choice: Choice = "default",
    predictor_of: PredictorOf = load_predictor,
    progress: Progress | None = None,
) -> list[SamplePredictions]:
    """Several runs' answers about the same rows.

    The rows are those that the first run is scored on, without any that another run was trained on. All
    answers have the first run's classes, in its order.

    Raises:
        UserError: the runs do not know the same classes, or no row is left.
    """
    first = runs[0]
    chosen = choose_rows(first, dataset, choice)
    rows, labels, notes = chosen.rows, chosen.labels, list(chosen.notes)
    fair = choice not in ("all", "train")
    seen = np.zeros(len(rows), bool)
    for run in runs[1:]:
        seen |= seen_in_training(run, dataset, rows)
    if seen.any() and fair:
        notes.append(f"{int(seen.sum()):,} rows are left out: another of the runs was trained on them.")
        rows, labels = rows[~seen], labels[~seen]
        if not len(rows):
            raise UserError(
                f"There is nothing to compare on in '{dataset.source}': every row that '{first.id}' is "
                "scored on was used to train another run. Compare them on a set that none of them has seen."
            )
    names = first.class_names
    if absent := about_absent(labels, names):
        notes.append(absent)
    return _of_each(runs, dataset, rows, labels, chosen.split, tuple(notes), predictor_of, progress)


def predict_validation(
    runs: Sequence[Run], predictor_of: PredictorOf = load_predictor, progress: Progress | None = None
) -> list[SamplePredictions]:
    """Several runs' predictions of the first run's validation rows that none of them was trained on.

    Raises:
        UserError: the runs do not know the same classes, or the first run's data is gone.
    """
    dataset = own_data(runs[0])
    rows, labels = validation_rows(runs, dataset)
    return _of_each(runs, dataset, rows, labels, "validation", (), predictor_of, progress)


def _of_each(
    runs: Sequence[Run],
    dataset: Dataset,
    rows: np.ndarray,
    labels: np.ndarray,
    split: str,
    notes: tuple[str, ...],
    predictor_of: PredictorOf,
    progress: Progress | None,
) -> list[SamplePredictions]:
    """Every run's predictions of these rows, in the first run's classes."""
    names = runs[0].class_names
    found = []
    for position, run in enumerate(runs):
        report = _part(progress, position, len(runs), run.id)
        own = predictions_on(run, dataset, rows, predictor_of, report)
        shared = _in_classes_of(own, run.class_names, names, run)
        found.append(SamplePredictions(rows, labels, shared, names, split, notes, run.id))
    return found


def _in_classes_of(
    probabilities: np.ndarray, own: Sequence[str], wanted: Sequence[str], run: Run
) -> np.ndarray:
    """Columns in another run's order of classes.

    Raises:
        UserError: the two do not know the same classes.
    """
    if tuple(own) == tuple(wanted):
        return probabilities
    matching = match_classes(wanted, own)
    if len(own) != len(wanted) or (matching.to_run < 0).any():
        raise UserError(
            f"Run '{run.id}' knows other classes ({', '.join(own)}) than the first run "
            f"({', '.join(wanted)}): only runs with the same classes can be compared or combined."
        )
    return probabilities[:, matching.to_run]


def _part(progress: Progress | None, position: int, parts: int, name: str) -> Progress | None:
    if progress is None:
        return None
    return lambda share, text: progress((position + share) / parts, f"{name}: {text}")


def unseen_probabilities(
    run: Run, dataset: Dataset, predict: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """A run's probabilities in the set's classes, only for rows that it never trained on.

    Args:
        run: the run.
        dataset: its own data or any other.
        predict: rows -> float (M, classes of the run).

    Returns:
        float32 (N, K) in the order of the set's classes, rows adding up to 1; NaN where the run has seen the
        row, or does not know its class.

    Raises:
        UserError: the run has seen every row, or shares no class with the set.
    """
    matching = match_classes(dataset.class_names, run.class_names)
    rows = np.flatnonzero(~seen_in_training(run, dataset) & (matching.to_run[dataset.labels] >= 0))
    if not len(rows):
        raise UserError(
            f"Run '{run.id}' was trained on every row of {dataset.source}: its answers say nothing about the "
            "labels; take its features, or another run."
        )
    said = predict(rows)
    made = np.full((len(dataset), len(dataset.class_names)), np.nan, np.float32)
    known = np.flatnonzero(matching.to_run >= 0)
    part = np.zeros((len(rows), made.shape[1]), np.float32)
    part[:, known] = said[:, matching.to_run[known]]
    total = part.sum(axis=1, keepdims=True)
    made[rows] = np.where(total > 0, part / np.maximum(total, 1e-12), np.nan)
    return made
