"""The end of a run: predict with the best weights, score them, and score a linear model beside them."""

from __future__ import annotations

from typing import Any

import numpy as np

from bcc.datasets import SPLITS, Dataset
from bcc.evaluation import linear_baseline, scores
from bcc.models.prediction import Predictor
from bcc.models.saving import load_model
from bcc.runs import write_arrays, write_json
from bcc.training.inputs.rows import TEST, TRAIN, VALIDATION, Rows
from bcc.training.records.run_writer import LOGGER, RunWriter


def finish(
    writer: RunWriter,
    dataset: Dataset,
    rows: Rows,
    class_names: tuple[str, ...],
    seed: int,
    given_labels: np.ndarray | None = None,
) -> dict[str, Any]:
    """Write predictions.npz and metrics.json.

    Args:
        writer: of the run.
        dataset: what it was trained on, with the labels that it learned.
        rows: which rows are scored.
        class_names: of the model.
        seed: of the linear model.
        given_labels: int64 (N,), the labels before a person changed some, positions in `class_names` or -1;
            `None` where nobody did.

    Returns:
        The contents of metrics.json: per split `accuracy`, `macro_f1`, `n`, `per_class`; `baseline`,
        the linear model on the split that counts (test, or validation where there is none); and, where a
        person has changed labels, `labels_as_given`: per split how many are `changed`, and `accuracy` and
        `macro_f1` with the labels of the dataset.
    """
    run = writer.run
    writer.begin_stage("Predicting the validation and test images")
    chosen = np.flatnonzero((rows.split == VALIDATION) | (rows.split == TEST))
    probabilities = Predictor(load_model(run.model))(dataset.images, chosen, progress=writer.report)
    sides, labels = rows.split[chosen], dataset.labels[chosen]
    write_arrays(run.predictions, rows=chosen, split=sides, labels=labels, probabilities=probabilities)

    metrics: dict[str, Any] = {}
    for side in (VALIDATION, TEST):
        of_side = sides == side
        if of_side.any():
            metrics[SPLITS[side]] = scores(labels[of_side], probabilities[of_side], class_names)
    final = TEST if SPLITS[TEST] in metrics else VALIDATION
    metrics["final_split"] = SPLITS[final]
    if given_labels is not None:
        metrics["labels_as_given"] = _with_labels_as_given(
            given_labels[chosen], labels, sides, probabilities, class_names
        )
    write_json(run.metrics, metrics)

    writer.begin_stage("Scoring a linear model on simple features, for comparison")
    baseline = linear_baseline(
        dataset.images,
        dataset.labels,
        class_names,
        rows.of(TRAIN),
        rows.of(final),
        seed=seed,
        progress=writer.report,
    )
    metrics["baseline"] = {**baseline.to_dict(), "split": SPLITS[final]}
    write_json(run.metrics, metrics)
    reached, linear = metrics[SPLITS[final]]["accuracy"], baseline.accuracy
    if final == VALIDATION:
        LOGGER.warning(
            "There are no test images: accuracy is that of the validation images, which also chose the "
            "best epoch, so that it flatters"
        )
    LOGGER.info(
        "%s accuracy %.1f %%; a linear model on simple features gets %.1f %%",
        SPLITS[final].capitalize(),
        100 * reached,
        100 * linear,
    )
    return metrics


def _with_labels_as_given(
    given: np.ndarray,
    labels: np.ndarray,
    sides: np.ndarray,
    probabilities: np.ndarray,
    class_names: tuple[str, ...],
) -> dict[str, Any]:
    """Score the same predictions with the labels that the dataset had before a person changed some."""
    found = {}
    for side in (VALIDATION, TEST):
        inside = sides == side
        if inside.any():
            scored = scores(given[inside], probabilities[inside], class_names)
            found[SPLITS[side]] = {
                "changed": int((given != labels)[inside].sum()),
                "accuracy": scored["accuracy"],
                "macro_f1": scored["macro_f1"],
            }
    return found
