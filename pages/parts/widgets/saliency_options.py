"""How a map is made and shown: method, stage, engine, cover and, for a method that draws, the seed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import streamlit as st

from bcc.explain import ENGINES, KINDS, METHODS, OURS, default_stage, has_method, smoothed, stages
from bcc.runs import Run

if TYPE_CHECKING:
    import keras

    from bcc.explain import Explainer
from pages.parts.state import loaders


@dataclass(frozen=True)
class How:
    """What was chosen.

    Attributes:
        run: whose model is asked.
        method: its name.
        layer: that ends the stage; "" for a method that looks at pixels, so that its maps are kept once.
        seed: of a method that draws, else 0.
        opacity: how much the hottest places cover the image.
        stage: as the page calls it: "stage 3 (6 x 6)", or "".
        engine: who makes the maps: `bcc.explain.ENGINES`.
    """

    run: Run
    method: str
    layer: str
    seed: int
    opacity: float
    stage: str = ""
    engine: str = OURS

    @property
    def key(self) -> tuple[object, ...]:
        """All that changes a map."""
        return (self.run.id, self.run.model.stat().st_mtime, self.method, self.layer, self.seed, self.engine)

    @property
    def ours(self) -> How:
        """The same by BCC."""
        return replace(self, engine=OURS)

    @property
    def explainer(self) -> Explainer:
        """Ready to explain; kept by the server."""
        return loaders.explainer_of(self.run, self.layer or None, self.method, self.seed, self.engine)

    def legible(self, heat: np.ndarray) -> np.ndarray:
        """A map (h, w) as the eye can follow it: the speckle of single pixels is smoothed."""
        return heat if self.layer else smoothed(heat)

    @property
    def file(self) -> str:
        """How a file with these maps is called."""
        stage = f"_{self.stage.partition(' (')[0].replace(' ', '_')}" if self.layer else ""
        engine = "" if self.engine == OURS else f"_{self.engine}"
        return f"{self.run.id}_{self.method.replace('+', 'p')}{stage}{engine}"


def choose_method(label: str, key: str, help: str, bind: Literal["query-params"] | None = None) -> str:
    """One of the saliency methods, by its title; gives its name."""
    return st.selectbox(
        label,
        METHODS,
        format_func=lambda name: KINDS[name].title,
        key=key,
        bind=bind,
        width=210,
        help=help,
    )


def show(run: Run, model: keras.Model) -> How:
    """Let the person choose, and say in one line what the maps mean."""
    layers = {stage.layer: stage for stage in stages(model)}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        method = choose_method(
            "Method",
            "method",
            "How the map is computed. 'Trust' says which method to believe for this run.",
            bind="query-params",
        )
        at_stage = KINDS[method].at_stage
        layer = st.selectbox(
            "Stage of the network",
            list(layers),
            index=list(layers).index(default_stage(model).layer),
            format_func=lambda name: layers[name].label,
            key=f"layer:{run.id}",
            width=210,
            disabled=not at_stage,
            help="Where the map is taken: deeper stages are more semantic, shallower ones have finer "
            "resolution. By default the deepest with a map of at least 6 x 6. Pixel-based methods "
            "have no stage.",
        )
        engine = _choose_engine(method)
        seed = 0
        if method == "smoothgrad":
            seed = st.number_input(
                "Seed",
                0,
                9999,
                0,
                1,
                key="noise_seed",
                width=110,
                help="Random seed of the noise; it changes the map.",
            )
        opacity = st.slider(
            "Cover", 0.0, 1.0, 0.6, 0.05, key="opacity", width=200,
            help="Opacity of the map over the image.",
        )  # fmt: skip
    title, about = KINDS[method].title, KINDS[method].about
    if at_stage:
        st.caption(
            f"{title} at **{layers[layer].label}**, layer `{layer}`. {about} A map has as many cells as its "
            "stage, enlarged smoothly."
        )
    else:
        st.caption(f"{title} at **the pixels**. {about}")
    if not at_stage:
        return How(run, method, "", int(seed), opacity, engine=engine)
    return How(run, method, layer, int(seed), opacity, layers[layer].label, engine)


def _choose_engine(method: str) -> str:
    possible = [engine for engine in ENGINES if has_method(engine, method)]
    return st.selectbox(
        "Engine",
        possible,
        format_func=lambda name: {OURS: "BCC"}.get(name, name),
        # Another key where there is no choice, so that the choice is there again with the next method.
        key="engine" if len(possible) > 1 else "engine:only",
        bind="query-params" if len(possible) > 1 else None,
        persist_state="session",
        width=150,
        disabled=len(possible) == 1,
        help="What computes the maps. tf-keras-vis computes them again, much more slowly, next to those "
        "of BCC, and the page shows their correlation. It has no integrated gradients.",
    )
