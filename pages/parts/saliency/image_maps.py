"""Saliency maps on screen: each image next to its overlay, or to those of two engines."""

from __future__ import annotations

import numpy as np
import streamlit as st

from bcc.datasets import Dataset
from bcc.explain import OURS, Agreement, agreement
from bcc.explain.targets import target_classes
from bcc.figures import overlay
from bcc.figures.colours import class_colours
from bcc.runs import Run
from pages.parts.background import waiting
from pages.parts.state import loaders
from pages.parts.text import formatting
from pages.parts.widgets import downloads, gallery
from pages.parts.widgets.saliency_options import How


def show_images(run: Run, dataset: Dataset, how: How, rows: np.ndarray, target: str) -> None:
    """Draw each image next to its overlay."""
    if len(rows) == 0:
        st.info("There are no such images.", icon=":material/image_not_supported:")
        return
    names = run.class_names
    key = (dataset.fingerprint, rows.tobytes())
    probabilities = loaders.cached(
        ("said", run.id, run.model.stat().st_mtime, *key), lambda: loaders.model_of(run)(dataset.images, rows)
    )
    wanted = target_classes(target, names, probabilities, dataset, rows)

    def explained(by: How) -> np.ndarray:
        def explain() -> np.ndarray:
            with waiting.progress("Computing saliency maps") as report:
                return by.explainer(np.asarray(dataset.images[rows]), wanted, report)

        return loaders.cached(("map", *by.key, *key, wanted.tobytes()), explain)

    heats = explained(how)
    compared = how.engine != OURS
    ours = explained(how.ours) if compared else heats
    alike = agreement(heats, ours)
    if compared:
        _how_alike(how, alike)
    colours = class_colours(dataset.class_names)
    cards = []
    for place, (row, heat, said, label) in enumerate(zip(rows, heats, probabilities, wanted, strict=True)):
        image, true, called = (
            dataset.images[row],
            dataset.class_names[dataset.labels[row]],
            int(said.argmax()),
        )
        title = true if true == names[called] else f"{true} → {names[called]}"
        note = f"{formatting.share(said[called])} sure · {formatting.row(dataset, row)}"
        if label != called:
            note += f" · map for {names[label]} ({formatting.share(said[label])})"
        if compared and np.isfinite(alike.each[place]):
            note += f" · {alike.each[place]:.3f} alike"
        if not heat.any():
            note += " · empty map for this class: try another method"
        alt = f"Row {row}, {true}, called {names[called]}; on the right the map for {names[label]}"
        covers = [overlay(image, how.legible(heat), how.opacity)]
        if compared:
            alt = f"{alt} by {how.engine}, in the middle that by BCC"
            covers.insert(0, overlay(image, how.legible(ours[place]), how.opacity))
        cards.append(gallery.Card((image, *covers), title, note, colours[true], alt))
    gallery.show(cards, "Images and their saliency maps", width=130)
    extra = {"maps_bcc": ours, "correlation": alike.each} if compared else {}
    downloads.arrays(
        f"{how.file}_images", rows=rows, maps=heats, classes=wanted, probabilities=probabilities, **extra
    )


def _how_alike(how: How, alike: Agreement) -> None:
    """Explain which map is from which engine, and how far the engines agree."""
    each = alike.each[np.isfinite(alike.each)]
    if len(each) == 0:
        st.caption(
            f"In the middle the map by BCC, on the right that by {how.engine}. None of them shows anything."
        )
        return
    noise = (
        " Each engine draws its own noise, so that these maps differ." if how.method == "smoothgrad" else ""
    )
    st.markdown(
        f"In the middle the map by **BCC**, on the right that by **{how.engine}**. Their Pearson correlation "
        f"is **{alike.overall:.4f}** over all values of all maps, and {each.min():.4f} in the image where "
        f"they differ most.{noise}"
    )
