"""A sheet of training images as a model sees them."""

from __future__ import annotations

import numpy as np
import streamlit as st

from bcc.augment import Recipe
from bcc.augment.previews import training_sheet
from bcc.datasets import SPLITS, Dataset
from bcc.figures.colours import class_colours
from pages.parts.state import loaders
from pages.parts.text import formatting
from pages.parts.widgets import gallery

NUMBER = 40


def show(dataset: Dataset, recipe: Recipe) -> None:
    """Draw the sheet, with buttons for another batch or another epoch."""
    st.session_state.setdefault("sheet.seed", 0)
    epoch = 0
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.button(
            "Other images",
            icon=":material/casino:",
            key="sheet.others",
            on_click=_next,
            help="Another batch of the dataset.",
        )
        epoch = st.number_input(
            "Epoch", 1, 1000, 1, 1, key="sheet.epoch", width=130, help="The same images in another epoch."
        )
    seed = st.session_state["sheet.seed"]
    # What a run with the usual settings learns from: no copies, no validation and test images.
    learned = np.flatnonzero(loaders.sides(dataset.fingerprint, dataset) == SPLITS.index("train"))
    rows = learned if len(learned) else loaders.class_rows(dataset.fingerprint, None, dataset)
    rows = np.sort(np.random.default_rng(seed).permutation(rows)[:NUMBER])
    names, colours = dataset.class_names, class_colours(dataset.class_names)
    made = training_sheet(
        recipe,
        np.asarray(dataset.images[rows]),
        dataset.labels[rows],
        rows,
        len(names),
        seed,
        epoch=int(epoch) - 1,
    )
    cards = []
    for row, image, shares in zip(rows, made.images[0], made.labels[0], strict=True):
        order = [int(k) for k in np.argsort(-shares) if shares[k] > 0.005]
        title = (
            names[order[0]] if len(order) == 1 else " + ".join(f"{shares[k]:.0%} {names[k]}" for k in order)
        )
        alt = f"Row {row} as training sees it: {title}"
        cards.append(
            gallery.Card((image,), title, formatting.row(dataset, row), colours[names[order[0]]], alt)
        )
    gallery.show(cards, "Training images", columns=8)


def _next() -> None:
    st.session_state["sheet.seed"] += 1
