"""Saliency maps on screen: each picture beside itself under its map."""

from __future__ import annotations

import numpy as np
import streamlit as st

from bcc.datasets import Dataset
from bcc.explain.targets import target_classes
from bcc.figures import overlay
from bcc.figures.colours import class_colours
from bcc.runs import Run
from pages.parts.background import waiting
from pages.parts.state import loaders
from pages.parts.text import formatting
from pages.parts.widgets import downloads, gallery
from pages.parts.widgets.saliency_options import How


def show_pictures(run: Run, dataset: Dataset, how: How, rows: np.ndarray, target: str) -> None:
    """Each picture beside itself under its map."""
    if len(rows) == 0:
        st.info("There is no such picture.", icon=":material/image_not_supported:")
        return
    names = run.class_names
    key = (dataset.fingerprint, rows.tobytes())
    probabilities = loaders.remembered(
        ("said", run.id, run.model.stat().st_mtime, *key), lambda: loaders.model_of(run)(dataset.images, rows)
    )
    wanted = target_classes(target, names, probabilities, dataset, rows)

    def explain() -> np.ndarray:
        with waiting.progress("Explaining the pictures") as report:
            return how.explainer(np.asarray(dataset.images[rows]), wanted, report)

    heats = loaders.remembered(("map", *how.key, *key, wanted.tobytes()), explain)
    colours = class_colours(dataset.class_names)
    cards = []
    for row, heat, said, label in zip(rows, heats, probabilities, wanted, strict=True):
        picture, true, called = (
            dataset.images[row],
            dataset.class_names[dataset.labels[row]],
            int(said.argmax()),
        )
        title = true if true == names[called] else f"{true} → {names[called]}"
        note = f"{formatting.share(said[called])} sure · {formatting.row(dataset, row)}"
        if label != called:
            note += f" · map for {names[label]} ({formatting.share(said[label])})"
        if not heat.any():
            note += " · nothing speaks for it: try another method"
        alt = f"Row {row}, {true}, called {names[called]}; on the right the map for {names[label]}"
        cards.append(
            gallery.Card(
                (picture, overlay(picture, how.legible(heat), how.opacity)), title, note, colours[true], alt
            )
        )
    gallery.show(cards, "Pictures beside their saliency maps", width=130)
    downloads.arrays(
        f"{how.file}_pictures", rows=rows, maps=heats, classes=wanted, probabilities=probabilities
    )
