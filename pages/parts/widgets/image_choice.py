"""Which images to explain, and for which class."""

from __future__ import annotations

import numpy as np
import streamlit as st

from bcc.datasets import Dataset
from bcc.errors import UserError
from bcc.evaluation.rows import choose_rows
from bcc.explain import sample_per_class
from bcc.runs import Run
from pages.parts.context import run_predictions

MOST = 24
"""Images that are explained at once."""

MISTAKES, BY_CLASS, BY_NUMBER = "its mistakes", "of a class", "by row number"


def sample() -> tuple[int, int]:
    """Choose how many images per class, and which draw; returns count and seed."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        count = st.number_input(
            "Images per class", 2, 32, 8, 1, key="per_class", width=180, help="More images take longer."
        )
        return count, _draw()


def show(run: Run, dataset: Dataset) -> tuple[np.ndarray, str]:
    """Choose rows of the dataset, and the class to explain: "predicted", "true" or a name.

    Raises:
        UserError: the row numbers are invalid.
    """
    own = dataset.fingerprint == run.read_json(run.dataset).get("fingerprint")
    ways = [BY_CLASS, BY_NUMBER]
    if own and run.predictions.exists():
        ways.insert(0, MISTAKES)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        way = st.segmented_control(
            "Images to explain",
            ways,
            default=ways[0],
            required=True,
            key=f"way:{len(ways)}",
            help="Its most confident mistakes, a few unseen images of one class, or rows by number.",
        )
        target = st.selectbox(
            "Explain",
            ["predicted", "true", *run.class_names],
            format_func=lambda name: {"predicted": "the predicted class", "true": "the true class"}.get(
                name, name
            ),
            key="target",
            width=230,
            help="The class that the map explains.",
        )
        if way == BY_CLASS:
            name = st.selectbox(
                "Class", dataset.class_names, key="of_class", width=230, help="What the images show."
            )
            seed = _draw()
        elif way == BY_NUMBER:
            text = st.text_input(
                "Rows",
                "0, 1, 2, 3",
                key="row_numbers",
                bind="query-params",
                persist_state="session",
                width=230,
                help="Row numbers, separated by commas.",
            )
    if way == MISTAKES:
        return _mistakes(run), target
    if way == BY_CLASS:
        return _unseen(run, dataset, name, seed), target
    return numbered(text, len(dataset)), target


def _draw() -> int:
    """Return a number that increases whenever other images are requested."""
    st.session_state.setdefault("draw", 0)
    st.button(
        "Others", icon=":material/casino:", key="draw_others", on_click=_next, help="Draw other images."
    )
    return int(st.session_state["draw"])


def _next() -> None:
    st.session_state["draw"] += 1


def _mistakes(run: Run) -> np.ndarray:
    said = run_predictions.of_split(run, run_predictions.scored_splits(run)[0])
    rows: np.ndarray = said.mistakes["row"].to_numpy()[:12]
    return rows


def _unseen(run: Run, dataset: Dataset, name: str, seed: int) -> np.ndarray:
    """Return rows of a few images of a class that the run was not trained on."""
    rows = choose_rows(run, dataset).rows
    of_class = np.where(dataset.labels[rows] == dataset.class_names.index(name), 0, -1)
    return sample_per_class(of_class, rows, classes=1, per_class=12, seed=seed)


def numbered(text: str, count: int) -> np.ndarray:
    """Parse rows from a text such as "0, 5, 7".

    Raises:
        UserError: they are not row numbers of the dataset, or too many.
    """
    try:
        rows = [int(part) for part in text.replace(",", " ").split()]
    except ValueError as error:
        raise UserError(f"Rows are numbers separated by commas, not '{text}'.") from error
    outside = [row for row in rows if not 0 <= row < count]
    if outside:
        raise UserError(f"There is no row {outside[0]}: the set has rows 0 to {count - 1}.")
    if len(rows) > MOST:
        raise UserError(f"At most {MOST} images are explained at once, not {len(rows)}.")
    return np.array(rows, np.int64)
