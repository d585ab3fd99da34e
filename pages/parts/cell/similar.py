"""The cells most like the one that is shown, in this dataset or another one."""

from __future__ import annotations

import numpy as np
import streamlit as st

from bcc.datasets import Dataset
from bcc.figures.colours import class_colours
from pages.parts.context import chosen
from pages.parts.labelling import label_bar, run_answers
from pages.parts.state import links, loaders
from pages.parts.text import errors, formatting
from pages.parts.widgets import gallery, pick_gallery

COUNT = 24
KEY = "similar_cells"


@st.fragment
def show(dataset: Dataset, after: Dataset, row: int) -> None:
    """Draw the section.

    Args:
        dataset: the set.
        after: the same with changed labels.
        row: the cell.
    """
    st.subheader("Similar cells", anchor=False)
    judge = run_answers.judge()
    if judge is None:
        st.caption("No model is here to compare cells by.")
        return
    run = judge.run
    others = {name: one for name, one in chosen.sets().items() if name != dataset.fingerprint}
    where = dataset.fingerprint
    if others:
        where = st.selectbox(
            "Among the cells of",
            [dataset.fingerprint, *others],
            format_func=lambda name: formatting.plain(
                others[name].source if name in others else dataset.source
            ),
            key="similar_in",
            width=320,
            help="The dataset that is searched.",
        )
    with errors.shown(stop=False):
        other = None
        if where != dataset.fingerprint:
            one = others[where]
            other = loaders.dataset(one.fingerprint, one.class_names, one.when)
        answers = run_answers.ask(
            run,
            other or dataset,
            "similar",
            "Cells are compared by what a model sees in them, which has not been computed for this dataset.",
        )
        if answers is None:
            return
        if other is None:
            rows, distances = answers.similar_to_row(row, COUNT)
        else:
            with st.spinner("Loading TensorFlow and the model"):
                extract = loaders.features_of(run)
            _, features = extract(np.asarray(dataset.images[row : row + 1]))
            rows, distances = answers.similar_to(features[0], COUNT)
        st.caption(f"By the features of {formatting.plain(run.id)}, the most similar first.")
        _grid(other or after, rows, distances, relabel=None if other is not None else dataset)


def _grid(shown: Dataset, rows: np.ndarray, distances: np.ndarray, relabel: Dataset | None) -> None:
    colours = class_colours(shown.class_names)
    cards = []
    for row, distance in zip(rows, distances, strict=True):
        label = int(shown.labels[row])
        name = shown.class_names[label] if label >= 0 else "no label"
        note = f"distance {distance:.2f} · {formatting.row(shown, int(row))}"
        cards.append(
            gallery.Card(
                (np.asarray(shown.images[row]),), name, note, colours.get(name, ""), f"{name}, row {row}"
            )
        )
    picked = pick_gallery.show(cards, rows, "The most similar cells", KEY)
    if picked.opened is not None:
        links.go("cell", data=shown.fingerprint, row=str(picked.opened))
    if relabel is not None and len(picked.rows):
        st.caption(f"{len(picked.rows):,} picked")
        label_bar.show(
            relabel, picked.rows, "similar_label", shortcuts=False, then=lambda: pick_gallery.clear(KEY)
        )
