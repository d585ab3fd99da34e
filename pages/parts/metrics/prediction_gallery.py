"""Images with what a run said about them: a page of cards from a frame of answers."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from bcc.datasets import Dataset
from bcc.figures.colours import class_colours
from pages.parts.labelling import label_gallery
from pages.parts.text import formatting
from pages.parts.widgets import gallery


def show(predictions: pd.DataFrame, data: Dataset | None, key: str, label: str, per_page: int = 24) -> None:
    """Page through answers in their order.

    Args:
        predictions: columns of `bcc.evaluation.predictions.sample_predictions.SamplePredictions.table`.
        data: where the rows are from; `None` where it is not here.
        key: of the page numbers.
        label: what the images are, for a screen reader.
    """
    if predictions.empty:
        st.info("There are no such images.", icon=":material/image_not_supported:")
        return
    if data is None:
        not_here()
        return
    shown = predictions.iloc[gallery.paged(range(len(predictions)), key, per_page=per_page)]
    colours = class_colours(data.class_names)
    cards = []
    for one in shown.itertuples():
        right = one.true == one.predicted
        title = one.true if right else f"{one.true} → {one.predicted}"
        sure, else_sure = formatting.share(one.probability), formatting.share(one.probability_of_second)
        note = f"{sure}, then {one.second} {else_sure} · {formatting.row(data, one.row)}"
        alt = f"{formatting.row(data, one.row)}: {one.true}, called {one.predicted} with {sure}"
        cards.append(gallery.Card((data.images[one.row],), title, note, colours.get(one.true, ""), alt))
    label_gallery.show(
        data, shown["row"].tolist(), cards, label, f"{key}:cells", width=140, why="seen on Metrics"
    )


def not_here() -> None:
    """Where images would be that are not on this machine; the page says on top why, and what to do."""
    st.info(
        "The images of these predictions are not on this machine, so only numbers are shown.",
        icon=":material/image_not_supported:",
    )
