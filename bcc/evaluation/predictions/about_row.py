"""What several runs said of one row of their common dataset, as they wrote it down at their end."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from bcc.datasets import SPLITS
from bcc.errors import UserError
from bcc.runs import Run

COLUMNS = ("run", "split", "predicted", "probability", "second", "probability_of_second")


def predictions_about(runs: Sequence[Run], fingerprint: str, row: int) -> pd.DataFrame:
    """Look one row up in the predictions of runs.

    Args:
        runs: any runs; those on other data, unfinished and damaged ones are passed over.
        fingerprint: of the dataset.
        row: of the dataset.

    Returns:
        A line per run with `COLUMNS`; without a prediction (a training image, or one left out) all but `run`
        and `split` are empty.
    """
    lines = []
    for run in runs:
        try:
            if run.read_json(run.dataset)["fingerprint"] != fingerprint:
                continue
            split, _ = run.read_split()
            line: dict[str, object] = {
                "run": run.id,
                "split": SPLITS[split[row]] if split[row] >= 0 else "left out",
            }
            predictions = run.read_predictions()
        except UserError:
            continue
        at = np.flatnonzero(predictions.rows == row)
        if len(at):
            said, names = predictions.probabilities[at[0]], run.class_names
            first, second = np.argsort(-said, kind="stable")[:2]
            line |= {
                "predicted": names[first],
                "probability": float(said[first]),
                "second": names[second],
                "probability_of_second": float(said[second]),
            }
        lines.append(line)
    return pd.DataFrame(lines, columns=list(COLUMNS))
