"""Saliency, "trust": how far a method's maps change when the weights are randomised, stage by stage."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from bcc.datasets import Dataset
from bcc.explain import KINDS, METHODS, smoothed
from bcc.explain.trust import MOST_LIKE_RANDOM, PIXELS, RandomisedMaps, randomise_weights
from bcc.figures import overlay, randomisation_curves
from bcc.figures.colours import class_colours
from bcc.runs import Run
from pages.parts.background import waiting
from pages.parts.state import loaders
from pages.parts.text import formatting
from pages.parts.widgets import downloads, gallery

USUAL = ["gradcam", "integrated_gradients"]


@st.fragment
def show(run: Run, dataset: Dataset, seed: int) -> None:
    """Choose methods, randomise the weights on request, then draw curves and the maps of one cell."""
    st.subheader("When the weights are randomised", anchor=False)
    st.caption(
        "The sanity check of Adebayo et al. (2018): the weights are shuffled from the head back to the "
        "first layer, one more stage each time, and the maps are computed again. A map that depends on what "
        "the run learned changes; one that stays the same shows the edges in the image."
    )
    methods = st.pills(
        "Methods",
        METHODS,
        selection_mode="multi",
        default=USUAL,
        format_func=lambda name: KINDS[name].title,
        key="randomised_methods",
        help="Each at its usual stage, for one unseen image of each class.",
    )
    if not methods:
        st.info("Choose a method.", icon=":material/info:")
        return
    keys = {name: ("randomised", *run.model_version, dataset.fingerprint, name, seed) for name in methods}
    missing = [name for name in methods if not loaders.is_cached(keys[name])]
    running = any(waiting.is_known(keys[name]) for name in missing)
    if (
        missing
        and not running
        and not st.button(
            "Randomise the weights",
            key="randomise",
            icon=":material/restart_alt:",
            help="Some seconds per method. The run itself is not changed: a copy is.",
        )
    ):
        return
    found = {name: _randomised(run, dataset, name, seed, keys[name]) for name in methods}
    if missing:
        # The button has done its work.
        st.rerun()
    frame = pd.concat([one.frame() for one in found.values()], ignore_index=True)
    drawn = randomisation_curves(
        frame.assign(method=[KINDS[name].title for name in frame["method"]]), MOST_LIKE_RANDOM
    )
    st.plotly_chart(drawn, key="randomisation", alt="How much maps change as weights are randomised")
    st.caption(
        "Dots: mean rank correlation with the map of the trained run; lines: from the least to the most "
        f"similar image. Do not believe methods that end above the dotted line ({MOST_LIKE_RANDOM:g})."
    )
    _maps(run, dataset, found)
    with st.container(horizontal=True, gap="small"):
        downloads.figure(drawn, f"{run.id}_randomised")
        downloads.table(frame, f"{run.id}_randomised")
        downloads.arrays(f"{run.id}_randomised", **{name: one.maps for name, one in found.items()})


def _randomised(run: Run, dataset: Dataset, name: str, seed: int, key: tuple) -> RandomisedMaps:
    return waiting.result_of(
        key,
        f"{KINDS[name].title}: randomising the weights",
        lambda report: randomise_weights(
            run, dataset, loaders.model_of(run).model, name, seed=seed, progress=report
        ),
    )


def _maps(run: Run, dataset: Dataset, found: dict[str, RandomisedMaps]) -> None:
    """Draw the maps of one cell: a row per method, a column per level of randomisation."""
    first = next(iter(found.values()))
    place = st.selectbox(
        "Cell",
        range(len(first.rows)),
        format_func=lambda one: f"{first.names[one]} · {formatting.row(dataset, int(first.rows[one]))}",
        key="randomised_cell",
        width=260,
        help="Whose maps are shown.",
    )
    image, colours = dataset.images[first.rows[place]], class_colours(run.class_names)
    for name, one in found.items():
        cards = []
        for level, maps, likeness in zip(one.levels, one.maps, one.likeness, strict=True):
            heat = maps[place] if one.stage != PIXELS else smoothed(maps[place])
            alt = f"Map of row {one.rows[place]} by {KINDS[name].title}, randomised: {level}"
            note = f"{likeness[place]:.2f} correlation" if heat.any() else "empty"
            cards.append(gallery.Card((overlay(image, heat),), level, note, colours[one.names[place]], alt))
        st.caption(f"{KINDS[name].title} at {one.stage}")
        gallery.show(cards, f"Maps by {KINDS[name].title} under randomised weights", columns=len(cards))
