"""Typical cells of two classes, those near the border, and those on its wrong side."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from bcc.evaluation.predictions.set_answers import SetAnswers
from bcc.explain import METHODS, default_stage
from bcc.figures import overlay
from bcc.figures.colours import class_colours
from bcc.practice import Pool
from bcc.practice.look_alikes import PairRows, class_places
from bcc.runs import Run
from pages.parts.state import loaders
from pages.parts.text import errors, formatting
from pages.parts.widgets import gallery

KINDS = {
    "typical": (
        "Typical cells",
        "Nearest to the middle of their class, by what the run sees in them. Under each: the probability "
        "that the run gives the class that it is labelled as.",
    ),
    "border": ("Near the border", "The run gives both classes almost the same probability."),
    "crossed": (
        "On the wrong side",
        "The run takes these for the other class, the surest first: hard cells, or wrong labels. Look.",
    ),
}


def show(pool: Pool, run: Run, answers: SetAnswers, found: PairRows, names: tuple[str, str]) -> None:
    """Draw the three kinds of cells, class beside class."""
    places = class_places(pool.names, run.class_names, *names)
    assert places is not None
    for kind, (title, about) in KINDS.items():
        rows: tuple[np.ndarray, np.ndarray] = getattr(found, kind)
        if not (len(rows[0]) or len(rows[1])):
            continue
        st.subheader(title, anchor=False)
        st.caption(about)
        for column, name, own, place in zip(st.columns(2, gap="large"), names, rows, places, strict=True):
            with column:
                st.caption(f"Labelled **{formatting.plain(name)}**" + ("" if len(own) else ": none"))
                if not len(own):
                    continue
                _grid(pool, name, own, answers.probabilities[:, place], title)


def _grid(pool: Pool, name: str, rows: np.ndarray, share: np.ndarray, title: str) -> None:
    colour = class_colours(pool.dataset.class_names).get(name, "")
    cards = [
        gallery.Card(
            (np.asarray(pool.dataset.images[row]),),
            formatting.share(float(share[row])),
            f"row {row:,}",
            colour,
            f"{name}, row {row}",
        )
        for row in rows
    ]
    gallery.show(cards, f"{title}: {name}", columns=4)


def saliency(pool: Pool, run: Run, found: PairRows, names: tuple[str, str]) -> None:
    """Draw the saliency maps of a typical and a border cell of each class."""
    wanted = st.toggle(
        "Saliency of both",
        key="maps",
        bind="query-params",
        help="What the run looks at in a typical and in a doubtful cell of each class.",
    )
    if not wanted:
        return
    with errors.shown(stop=False):
        with st.spinner("Loading TensorFlow and the model"):
            stage = default_stage(loaders.model_of(run).model)
        places = class_places(pool.names, run.class_names, *names)
        assert places is not None
        for column, name, place, typical, border in zip(
            st.columns(2, gap="large"), names, places, found.typical, found.border, strict=True
        ):
            rows = np.concatenate([typical[:1], border[:1]])
            images = np.stack([np.asarray(pool.dataset.images[row]) for row in rows])
            key = ("pair maps", *run.model_version, pool.dataset.fingerprint, tuple(rows.tolist()), place)
            heats = loaders.cached(key, partial(_maps, run, stage.layer, images, place))
            cards = [
                gallery.Card((image, overlay(image, heat)), kind, f"row {row:,}", "", f"{name}, {kind}")
                for image, heat, row, kind in zip(
                    images, heats, rows, ("typical", "near the border"), strict=False
                )
            ]
            with column:
                gallery.show(cards, f"Saliency of {name}", columns=2)
        st.caption(
            f"For the class that each is labelled as, at {stage.label}. The Saliency page has other "
            "methods, and says "
            "which to trust."
        )


def _maps(run: Run, layer: str, images: np.ndarray, place: int) -> np.ndarray:
    return loaders.explainer_of(run, layer, METHODS[0])(images, np.full(len(images), place))


def to_print(pool: Pool, found: PairRows) -> list[tuple[str, np.ndarray, np.ndarray]]:
    """Up to four cells of each kind and class, with the title of their kind."""
    made = []
    for kind, (title, _) in KINDS.items():
        one, other = (
            np.stack([np.asarray(pool.dataset.images[row]) for row in rows[:4]])
            if len(rows)
            else np.zeros((0, 1, 1, 3), np.uint8)
            for rows in getattr(found, kind)
        )
        made.append((title, one, other))
    return made
