"""Let runs answer: one run on some rows, or several runs on the same rows.

What a run wrote down about its own rows is read; only what is missing is asked of its model. TensorFlow is
loaded when a model has to be.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from bcc.datasets import SPLITS, Dataset
from bcc.errors import UserError
from bcc.evaluation.class_matching import match_classes
from bcc.evaluation.evaluate import Choice, choose_rows, run_classes, seen_in_training
from bcc.evaluation.metrics import about_absent
from bcc.evaluation.scored import Scored
from bcc.runs import Run

Progress = Callable[[float, str], None]
Ask = Callable[[np.ndarray, np.ndarray, Progress | None], np.ndarray]
"""Pictures (N, H, W, 3) and rows (M,) in, probabilities (M, K) out: a `Predictor`, or `TestTime`."""
AskerOf = Callable[[Run], Ask]


def load_asker(run: Run) -> Ask:
    """A run's model, loaded and ready.

    Raises:
        UserError: the run has no readable model.
    """
    from bcc.models.prediction import Predictor
    from bcc.models.saving import load_model

    return Predictor(load_model(run.model))


def answers_on(
    run: Run,
    dataset: Dataset,
    rows: np.ndarray,
    asker_of: AskerOf = load_asker,
    progress: Progress | None = None,
) -> np.ndarray:
    """A run's probabilities for some rows: those that it wrote down, else its model's.

    Args:
        run: which.
        dataset: prepared as the run wants its pictures.
        rows: int64 (M,).
        asker_of: gives a run's model; the app hands over the one that it keeps.

    Returns:
        float32 (M, K).
    """
    if dataset.fingerprint == run.read_json(run.dataset)["fingerprint"] and run.predictions.exists():
        said = run.read_predictions()
        order = np.argsort(said.rows, kind="stable")
        place = np.minimum(np.searchsorted(said.rows[order], rows), max(len(order) - 1, 0))
        if len(order) and (said.rows[order][place] == rows).all():
            return said.probabilities[order][place]
    return asker_of(run)(dataset.images, rows, progress)


def score(
    run: Run,
    dataset: Dataset,
    choice: Choice = "default",
    asker_of: AskerOf = load_asker,
    progress: Progress | None = None,
) -> Scored:
    """One run's answers about the rows that `choose_rows` picks."""
    chosen = choose_rows(run, dataset, choice)
    said = answers_on(run, dataset, chosen.rows, asker_of, progress)
    return Scored(chosen.rows, chosen.labels, said, run_classes(run), chosen.split, chosen.notes, run.id)


def score_together(
    runs: Sequence[Run],
    dataset: Dataset,
    choice: Choice = "default",
    asker_of: AskerOf = load_asker,
    progress: Progress | None = None,
) -> list[Scored]:
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
    names = run_classes(first)
    if absent := about_absent(labels, names):
        notes.append(absent)
    together = []
    for position, run in enumerate(runs):
        report = _part(progress, position, len(runs), run.id)
        said = in_classes_of(answers_on(run, dataset, rows, asker_of, report), run_classes(run), names, run)
        together.append(Scored(rows, labels, said, names, chosen.split, tuple(notes), run.id))
    return together


def in_classes_of(
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


def validation_rows(runs: Sequence[Run], dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """The first run's validation rows that no run was trained on, and their labels.

    Args:
        dataset: the first run's own data.
    """
    sides, _ = runs[0].read_split()
    rows = np.flatnonzero(sides == SPLITS.index("validation"))
    for run in runs[1:]:
        rows = rows[~seen_in_training(run, dataset, rows)]
    return rows, dataset.labels[rows]


def joined(by: Sequence[Scored], probabilities: np.ndarray, name: str, *notes: str) -> Scored:
    """Combined answers about the rows of the first."""
    return replace(by[0], probabilities=probabilities, by=name, notes=(*by[0].notes, *notes))


def _part(progress: Progress | None, position: int, parts: int, name: str) -> Progress | None:
    if progress is None:
        return None
    return lambda share, text: progress((position + share) / parts, f"{name}: {text}")
