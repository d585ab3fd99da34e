"""Choose cells to augment: one per class, some of one class, rows by number, or a run's worst mistakes."""

from __future__ import annotations

import numpy as np
import streamlit as st

from bcc.datasets import Dataset
from bcc.errors import UserError
from bcc.explain.per_class import sample_per_class
from bcc.runs import RunSummary
from pages.parts.context import run_predictions
from pages.parts.state import loaders
from pages.parts.widgets import image_choice

COUNT = 8
"""Cells side by side."""

EACH, OF_CLASS, BY_NUMBER, MISTAKES = "each class", "one class", "row numbers", "mistakes"


def choose(dataset: Dataset, summary: RunSummary | None) -> np.ndarray:
    """Return the chosen rows of the dataset, up to eight.

    Raises:
        UserError: the row numbers are invalid.
    """
    ways = [EACH, OF_CLASS, BY_NUMBER]
    if (
        summary is not None
        and summary.fingerprint == dataset.fingerprint
        and summary.run.predictions.exists()
    ):
        ways.append(MISTAKES)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        way = st.segmented_control(
            "Cells",
            ways,
            default=EACH,
            required=True,
            key=f"cells:{len(ways)}",
            help="Which images to augment: one of each class, some of one class, row numbers, or the "
            "chosen run's most confident mistakes.",
        )
        if way == OF_CLASS:
            name = st.selectbox(
                "Class", dataset.class_names, key="cells.class", width=200, help="Their class."
            )
        if way == BY_NUMBER:
            text = st.text_input(
                "Rows",
                "0, 1, 2, 3, 4, 5, 6, 7",
                key="cells.rows",
                width=260,
                help=f"Row numbers, separated by commas; the first {COUNT} are shown.",
            )
        seed = _others() if way in (EACH, OF_CLASS) else 0
    if way == BY_NUMBER:
        return image_choice.numbered(text, len(dataset))[:COUNT]
    if way == MISTAKES and summary is not None:
        said = run_predictions.of_split(summary.run, run_predictions.scored_splits(summary.run)[0])
        rows = said.mistakes["row"].to_numpy()[:COUNT]
        if len(rows) == 0:
            raise UserError(f"Run '{summary.run.id}' made no mistakes on its images: choose other cells.")
        result: np.ndarray = rows
        return result
    return _drawn(dataset, None if way == EACH else name, seed)


def _drawn(dataset: Dataset, name: str | None, seed: int) -> np.ndarray:
    rows = loaders.single_rows(dataset.fingerprint, name, dataset)
    if name is not None:
        if len(rows) == 0:
            raise UserError(f"The class '{name}' has no images: choose another one.")
        return np.sort(np.random.default_rng(seed).permutation(rows)[:COUNT])
    return sample_per_class(dataset.labels[rows], rows, len(dataset.class_names), 1, seed)[:COUNT]


def _others() -> int:
    st.session_state.setdefault("cells.draw", 10)
    st.button(
        "Other cells", icon=":material/casino:", key="cells.others", on_click=_next, help="Draw other cells."
    )
    result: int = st.session_state["cells.draw"]
    return result


def _next() -> None:
    st.session_state["cells.draw"] += 1
