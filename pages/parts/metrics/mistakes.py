"""The images that a run misclassified, the surest first."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from bcc.datasets import Dataset
from bcc.figures.colours import class_colours
from pages.parts.labelling import label_gallery
from pages.parts.text import formatting
from pages.parts.widgets import gallery

ANY = "any class"


@st.fragment
def show(mistakes: pd.DataFrame, dataset: Dataset) -> None:
    """Filter by the true and the predicted class, and page through."""
    if mistakes.empty:
        st.success("There are no mistakes on these images.", icon=":material/check:")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        mistakes = _only(mistakes, "true", "True class", "Only images of this true class.")
        mistakes = _only(mistakes, "predicted", "Called", "Only images predicted as this class.")
    if mistakes.empty:
        st.info("There are no such mistakes.", icon=":material/check:")
        return
    st.caption(f"{len(mistakes):,} mistakes; the number is the probability of the predicted class.")
    shown = mistakes.iloc[gallery.paged(range(len(mistakes)), "mistake_page", per_page=24)]
    colours = class_colours(dataset.class_names)
    label_gallery.show(
        dataset,
        shown["row"].tolist(),
        [
            gallery.Card(
                (dataset.images[one.row],),
                f"{one.true} → {one.predicted}",
                f"{formatting.share(one.probability)} · {formatting.row(dataset, one.row)}",
                colours.get(one.true, ""),
                f"Row {one.row}: {one.true}, called {one.predicted} with {formatting.share(one.probability)}",
            )
            for one in shown.itertuples()
        ],
        "Mistakes, most confident first",
        "mistakes",
        width=140,
        why="mistake of a run",
    )


def _only(mistakes: pd.DataFrame, column: str, label: str, help: str) -> pd.DataFrame:
    choice = st.selectbox(
        label, [ANY, *sorted(mistakes[column].unique())], key=f"mistake_{column}", help=help, width=240
    )
    return mistakes if choice == ANY else mistakes[mistakes[column] == choice]
