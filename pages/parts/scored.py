"""A run's answers about some rows, as Metrics and Saliency need them: its own split, or any other set."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from bcc.datasets import SPLITS, Dataset
from bcc.errors import UserError
from bcc.evaluation import choose_rows, confusion_matrix, mistakes, per_class, run_classes, summary
from bcc.runs import Run
from pages.parts import chosen, loaders, waiting

OWN = "its own pictures"
OTHER = "the chosen data set"


@dataclass(frozen=True)
class Scored:
    """Answers and what follows from them.

    Attributes:
        rows: int64 (M,), rows of the data set.
        labels: int64 (M,), positions in the run's classes, -1 for a class that it never saw.
        probabilities: float32 (M, K).
        class_names: the run's K classes.
        what: which rows these are, in a few words ("test").
        notes: sentences that belong beside the numbers.
    """

    rows: np.ndarray
    labels: np.ndarray
    probabilities: np.ndarray
    class_names: tuple[str, ...]
    what: str
    notes: tuple[str, ...] = ()

    @property
    def overall(self) -> dict[str, float]:
        """Accuracy, macro F1 and the like."""
        return summary(self.labels, self.probabilities)

    @property
    def matrix(self) -> pd.DataFrame:
        """The confusion matrix."""
        return confusion_matrix(self.labels, self.probabilities.argmax(axis=1), self.class_names)

    @property
    def classes(self) -> pd.DataFrame:
        """Precision, recall, F1 and support."""
        return per_class(self.labels, self.probabilities, self.class_names)

    @property
    def mistakes(self) -> pd.DataFrame:
        """What was called wrongly, the surest first."""
        return mistakes(self.labels, self.probabilities, self.class_names, self.rows)


def where(run: Run) -> Dataset | None:
    """Let the person choose between the run's own data and the set in the sidebar.

    Returns:
        `None` for the run's own; it is also the only choice where both are the same.
    """
    other = chosen.dataset()
    if other is None or other.fingerprint == run.read_json(run.dataset).get("fingerprint"):
        return None
    choice = st.segmented_control(
        "Pictures",
        [OWN, OTHER],
        default=OWN,
        required=True,
        key="on",
        bind="query-params",
        help=f"The run's own test or validation pictures, or those of {other.source}, the set in the "
        "sidebar. Pictures that the run was trained on are found and left out.",
    )
    return other if choice == OTHER else None


def scored_sides(run: Run) -> list[str]:
    """The splits that the run was scored on, the one that counts first.

    Raises:
        UserError: there is none.
    """
    said = run.read_predictions()
    sides = [name for position, name in reversed(list(enumerate(SPLITS))) if (said.split == position).any()]
    if not sides:
        raise UserError(f"Run '{run.id}' was not scored on any picture: train it again.")
    return sides


def of_split(run: Run, side: str) -> Scored:
    """What the run said about one split of its own data, as it wrote down at its end."""
    part = run.read_predictions().of(SPLITS.index(side))
    return Scored(part.rows, part.labels, part.probabilities, run_classes(run), side)


def own(run: Run) -> Scored:
    """Let the person choose a split of the run's own data."""
    sides = scored_sides(run)
    side = st.segmented_control(
        "Split",
        sides,
        default=sides[0],
        required=True,
        key="split",
        bind="query-params",
        help="Test pictures were never looked at; validation pictures chose the best epoch.",
    )
    return of_split(run, side)


def other(run: Run, dataset: Dataset) -> Scored:
    """What the run says about another set; asked once, then remembered."""
    rows = choose_rows(run, dataset)
    predictor = loaders.model_of(run)

    def ask() -> np.ndarray:
        with waiting.progress(f"Asking the run about {dataset.source}") as report:
            return predictor(dataset.images, rows.rows, report)

    key = ("probabilities", run.id, run.model.stat().st_mtime, dataset.fingerprint)
    probabilities = loaders.remembered(key, ask)
    return Scored(rows.rows, rows.labels, probabilities, run_classes(run), rows.split, rows.notes)
