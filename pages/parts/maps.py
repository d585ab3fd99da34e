"""Saliency maps on screen: beside each picture, and averaged over each class."""

from __future__ import annotations

import numpy as np
import streamlit as st

from bcc.datasets import Dataset
from bcc.evaluation import choose_rows, run_classes
from bcc.explain import ClassSaliency, explain_classes, sample_per_class, scaled
from bcc.explain.targets import target_classes
from bcc.figures import overlay
from bcc.figures.colours import class_colours
from bcc.runs import Run
from pages.parts import gallery, loaders, waiting, words


def show_pictures(
    run: Run, dataset: Dataset, layer: str, rows: np.ndarray, target: str, opacity: float
) -> None:
    """Each picture beside itself under its map."""
    if len(rows) == 0:
        st.info("There is no such picture.", icon=":material/image_not_supported:")
        return
    names = run_classes(run)
    key = (run.id, run.model.stat().st_mtime, dataset.fingerprint, rows.tobytes())
    probabilities = loaders.remembered(("said", *key), lambda: loaders.model_of(run)(dataset.images, rows))
    wanted = target_classes(target, names, probabilities, dataset, rows)

    def explain() -> np.ndarray:
        with waiting.progress("Explaining the pictures") as report:
            return loaders.explainer_of(run, layer)(np.asarray(dataset.images[rows]), wanted, report)

    heats = loaders.remembered(("map", *key, layer, wanted.tobytes()), explain)
    colours = class_colours(dataset.class_names)
    cards = []
    for row, heat, said, label in zip(rows, heats, probabilities, wanted, strict=True):
        picture, true, called = (
            dataset.images[row],
            dataset.class_names[dataset.labels[row]],
            int(said.argmax()),
        )
        title = true if true == names[called] else f"{true} → {names[called]}"
        note = f"{said[called]:.0%} sure · row {row:,}"
        if label != called:
            note += f" · map for {names[label]} ({said[label]:.0%})"
        if not heat.any():
            note += " · nothing speaks for it"
        alt = f"Row {row}, {true}, called {names[called]}; on the right the map for {names[label]}"
        cards.append(
            gallery.Card((picture, overlay(picture, heat, opacity)), title, note, colours[true], alt)
        )
    gallery.show(cards, "Pictures beside their saliency maps", width=130)


def show_classes(run: Run, dataset: Dataset, layer: str, per_class: int, seed: int, opacity: float) -> None:
    """A line a class: its mean map, then its pictures under theirs."""
    names = run_classes(run)
    chosen = choose_rows(run, dataset)

    def explain() -> list[ClassSaliency]:
        sampled = sample_per_class(chosen.labels, chosen.rows, len(names), per_class, seed)
        labels = chosen.labels[np.searchsorted(chosen.rows, sampled)]
        with waiting.progress("Explaining a sample of each class") as report:
            return explain_classes(loaders.explainer_of(run, layer), dataset.images, sampled, labels, report)

    key = ("classes", run.id, run.model.stat().st_mtime, dataset.fingerprint, layer, per_class, seed)
    for note in chosen.notes:
        st.info(words.plain(note), icon=":material/info:")
    colours = class_colours(names)
    for one in loaders.remembered(key, explain):
        name = names[one.label]
        st.markdown(f"**{words.plain(name)}**")
        heat = _mean(one.mean, dataset)
        about = f"of {len(one.rows)} pictures"
        cards = [gallery.Card((heat,), "mean map", about, colours[name], f"Mean saliency map of {name}")]
        for row, heat in zip(one.rows, one.maps, strict=True):
            picture = overlay(dataset.images[row], heat, opacity)
            alt = f"Row {row}, {name}, under its saliency map"
            cards.append(gallery.Card((picture,), f"row {row:,}", "", colours[name], alt))
        gallery.show(cards, f"Saliency of {name}", width=96, columns=per_class + 1 if per_class < 12 else 0)


def _mean(mean: np.ndarray, dataset: Dataset) -> np.ndarray:
    """The mean map by itself, its highest place brightest, on grey and as large as a picture."""
    grey = np.full((*dataset.picture_size, 3), 128, np.uint8)
    return overlay(grey, scaled(mean[None])[0], 1.0)
