"""Which cells of another laboratory a run is scored on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bcc.cells.set_profile import SAMPLE
from bcc.datasets import Dataset
from bcc.errors import UserError
from bcc.evaluation.rows import choose_rows
from bcc.runs import Run


@dataclass(frozen=True)
class ForeignRows:
    """Labelled rows of another set whose class a run knows.

    Attributes:
        rows: int64 (M,), M at least 1; none that the run was trained on.
        labels: int64 (M,), positions in the run's classes.
        left_out: rows of classes that the run never saw.
        split: name of the split, usually "all".
        notes: sentences that belong beside scores on them.
    """

    rows: np.ndarray
    labels: np.ndarray
    left_out: int
    split: str
    notes: tuple[str, ...]

    @property
    def sample(self) -> np.ndarray:
        """About `SAMPLE` of the rows, spread evenly, to measure how the images look."""
        return self.rows[:: max(len(self.rows) // SAMPLE, 1)]


def foreign_rows(run: Run, dataset: Dataset) -> ForeignRows:
    """Choose the rows.

    Raises:
        UserError: the set is the run's own, no class is shared, or no row is left.
    """
    if dataset.fingerprint == run.read_json(run.dataset)["fingerprint"]:
        raise UserError(
            f"'{dataset.source}' is the run's own data: choose a dataset from another laboratory. Metrics "
            "shows the scores on its own test images."
        )
    chosen = choose_rows(run, dataset)
    known = chosen.labels >= 0
    if not known.any():
        raise UserError(f"No image of '{dataset.source}' has a class that run '{run.id}' knows.")
    # Rows of unknown classes are left out here, so that they do not "count as wrong".
    notes = tuple(note for note in chosen.notes if "count as wrong" not in note)
    return ForeignRows(chosen.rows[known], chosen.labels[known], int((~known).sum()), chosen.split, notes)
