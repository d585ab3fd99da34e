"""Score a run on a dataset: its own split, or any other set, without fooling oneself."""

from __future__ import annotations

from typing import Any

import numpy as np

from bcc.datasets import Dataset
from bcc.errors import UserError
from bcc.evaluation.intervals.metric_tables import measure
from bcc.evaluation.metrics.by_group import scores_by_group
from bcc.evaluation.metrics.classification import about_absent
from bcc.evaluation.metrics.scores import scores
from bcc.evaluation.predictions.predict_rows import load_predictor
from bcc.evaluation.predictions.test_time_augmentation import TestTimeAugmentation, parse_views
from bcc.evaluation.rows import Choice, ChosenRows, choose_rows
from bcc.progress import Progress
from bcc.runs import Run


def evaluate(
    run: Run,
    dataset: Dataset,
    choice: Choice = "default",
    progress: Progress | None = None,
    views: str | None = None,
    by: str | None = None,
) -> dict[str, Any]:
    """Score a run.

    Args:
        run: a run with a model.
        dataset: its own data or any other; already preprocessed as the run wants it.
        choice: which rows.
        progress: called with (share done, sentence).
        views: look at each image several times, as `test_time_augmentation` names it.
        by: a column of the dataset, to score each of its values by itself.

    Returns:
        `accuracy`, `macro_f1`, `n`, `per_class` (name -> precision, recall, f1, support), `split`,
        `unknown_class_rows`, `seen_rows`, `seen_rows_left_out`, `notes`, `intervals` (score -> both
        ends, 95 %), `about_absent` (which classes have no image, in a sentence, or ""), `run`, `data`, and
        with `by` also `by` and `groups` (see `scores_by_group`).

    Raises:
        UserError: see `choose_rows`; or the run has no readable model.
    """
    if by is not None and by not in dataset.columns:
        known = f"it has {', '.join(dataset.columns)}" if dataset.columns else "it has no columns at all"
        raise UserError(f"{dataset.source} has no column '{by}': {known}.")
    chosen = choose_rows(run, dataset, choice)
    wanted = parse_views(views) if views else None
    ask = load_predictor(run)
    names = run.class_names
    probabilities = (TestTimeAugmentation(ask, wanted) if wanted else ask)(
        dataset.images, chosen.rows, progress
    )
    return {
        **scores(chosen.labels, probabilities, names),
        "intervals": {
            str(line.measure): [line.low, line.high]
            for line in measure(chosen.labels, probabilities, names).overall.dropna().itertuples()
        },
        "split": chosen.split,
        "unknown_class_rows": chosen.unknown_class_rows,
        "seen_rows": chosen.seen,
        "seen_rows_left_out": chosen.left_out,
        "notes": list(chosen.notes),
        "about_absent": about_absent(chosen.labels, names),
        "run": run.id,
        "data": {"source": dataset.source, "fingerprint": dataset.fingerprint},
        **({"views": views} if views else {}),
        **({} if by is None else {"by": by, "groups": _groups(dataset, by, chosen, probabilities)}),
    }


def _groups(
    dataset: Dataset, column: str, chosen: ChosenRows, probabilities: np.ndarray
) -> list[dict[str, Any]]:
    values = dataset.columns[column]
    table = scores_by_group(chosen.labels, probabilities, [values[row] for row in chosen.rows])
    return [{str(name): value for name, value in line.items()} for line in table.to_dict("records")]
