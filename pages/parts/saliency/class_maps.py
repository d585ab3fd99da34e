"""Saliency of whole classes, and how the maps of two classes differ."""

from __future__ import annotations

import numpy as np
import streamlit as st

from bcc.datasets import Dataset
from bcc.evaluation.rows import ChosenRows, choose_rows
from bcc.explain import ClassSaliency, difference, explain_classes, sample_per_class, scaled
from bcc.figures import map_difference, overlay
from bcc.figures.colours import class_colours
from bcc.runs import Run
from pages.parts.background import waiting
from pages.parts.state import loaders
from pages.parts.text import formatting
from pages.parts.widgets import downloads, gallery
from pages.parts.widgets.saliency_options import How


def show(run: Run, dataset: Dataset, how: How, per_class: int, seed: int) -> None:
    """Draw a row per class: its mean map, then typical, best and worst images under their maps."""
    names = run.class_names
    found, sure = _explained(run, dataset, how, per_class, seed)
    colours = class_colours(names)
    for one in found:
        name = names[one.label]
        st.markdown(f"**{formatting.plain(name)}**")
        about = f"{len(one.rows)} images"
        heat = _mean(one.mean, dataset)
        cards = [gallery.Card((heat,), "mean map", about, colours[name], f"Mean saliency map of {name}")]
        each = min(3, len(one.rows))
        for kind, positions in one.sheet(sure[one.rows], each).items():
            for place in positions:
                row = one.rows[place]
                title = f"{kind} · {formatting.share(sure[row])}"
                alt = f"Row {row}, a {kind} {name}, under its saliency map"
                image = overlay(dataset.images[row], how.legible(one.maps[place]), how.opacity)
                cards.append(gallery.Card((image,), title, formatting.row(dataset, row), colours[name], alt))
        gallery.show(cards, f"Saliency of {name}", width=96, columns=3 * each + 1)
    st.caption(
        "Typical: maps most similar to the mean. Best and worst: the images with the highest and lowest "
        "probability of the true class. Every map explains the true class."
    )
    downloads.arrays(
        f"{how.file}_classes",
        rows=np.concatenate([one.rows for one in found]),
        maps=np.concatenate([one.maps for one in found]),
        means=np.stack([one.mean for one in found]),
        mean_classes=np.array([names[one.label] for one in found]),
    )


def show_difference(run: Run, dataset: Dataset, how: How, per_class: int, seed: int) -> None:
    """Draw where the maps of one class are higher than those of another."""
    names = run.class_names
    found, _ = _explained(run, dataset, how, per_class, seed)
    here = [names[one.label] for one in found]
    if len(here) < 2:
        st.info("Only one class has images here, so there is nothing to compare.", icon=":material/info:")
        return
    with st.container(horizontal=True):
        one = st.selectbox("Class", here, key="difference_one", width=230, help="Blue: more in this one.")
        other = st.selectbox(
            "Compared with",
            [name for name in here if name != one],
            key="difference_other",
            width=230,
            help="Brown: more in this one.",
        )
    gap = difference(found, names.index(one), names.index(other))
    means = {each.label: each for each in found}
    left, right = st.columns([3, 4], gap="large")
    with left:
        colours = class_colours(names)
        cards = [
            gallery.Card(
                (_mean(means[names.index(name)].mean, dataset),),
                name,
                f"mean map of {len(means[names.index(name)].rows)} images",
                colours[name],
                f"Mean saliency map of {name}",
            )
            for name in (one, other)
        ]
        gallery.show(cards, "The two mean maps", columns=2)
        st.caption(
            "Each mean is first scaled to the same sum: the difference shows where the run looks, not "
            "how much."
        )
    with right:
        drawn = map_difference(gap, one, other)
        st.plotly_chart(drawn, key="difference", alt=f"Where the run looks more in {one} than in {other}")
        with st.container(horizontal=True):
            downloads.figure(drawn, f"{how.file}_difference")
            downloads.arrays(f"{how.file}_difference", difference=gap)


def _explained(
    run: Run, dataset: Dataset, how: How, per_class: int, seed: int
) -> tuple[list[ClassSaliency], np.ndarray]:
    """Explain a sample per class; also returns the probability of the true class, float32 (N,), else 0."""
    chosen = choose_rows(run, dataset)
    for note in chosen.notes:
        st.info(formatting.plain(note), icon=":material/info:")

    def explain() -> tuple[list[ClassSaliency], np.ndarray]:
        rows, labels = _sample(run, chosen, per_class, seed)
        with waiting.progress("Computing saliency maps of a sample per class") as report:
            found = explain_classes(how.explainer, dataset.images, rows, labels, report)
        said = loaders.model_of(run)(dataset.images, rows)
        sure = np.zeros(len(dataset), np.float32)
        sure[rows] = said[np.arange(len(rows)), labels]
        return found, sure

    return loaders.cached(("classes", *how.key, dataset.fingerprint, per_class, seed), explain)


def _sample(run: Run, chosen: ChosenRows, per_class: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rows = sample_per_class(chosen.labels, chosen.rows, len(run.class_names), per_class, seed)
    return rows, chosen.labels[np.searchsorted(chosen.rows, rows)]


def _mean(mean: np.ndarray, dataset: Dataset) -> np.ndarray:
    """Draw the mean map alone on grey, scaled to its maximum, as large as an image."""
    grey = np.full((*dataset.image_shape, 3), 128, np.uint8)
    covered: np.ndarray = overlay(grey, scaled(mean[None])[0], 1.0)
    return covered
