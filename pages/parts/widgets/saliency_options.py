"""Options of saliency maps: method, stage, engine, opacity and, for a random method, the seed."""

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
    """The chosen options.

    Attributes:
        run: whose model is explained.
        method: its name.
        layer: last layer of the stage; "" for a pixel-based method, so that its maps are cached once.
        seed: of a random method, else 0.
        opacity: of the map over the image, 0..1.
        stage: its label on the page: "stage 3 (6 x 6)", or "".
        engine: what computes the maps, one of `bcc.explain.ENGINES`.
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
        """Everything that a map depends on."""
        return (self.run.id, self.run.model.stat().st_mtime, self.method, self.layer, self.seed, self.engine)

    @property
    def ours(self) -> How:
        """The same options, computed by BCC."""
        return replace(self, engine=OURS)

    @property
    def explainer(self) -> Explainer:
        """The explainer, cached by the server."""
        return loaders.explainer_of(self.run, self.layer or None, self.method, self.seed, self.engine)

    def legible(self, heat: np.ndarray) -> np.ndarray:
        """Smooth the speckle of a pixel-based map (h, w) for display."""
        return heat if self.layer else smoothed(heat)

    @property
    def file(self) -> str:
        """The name of a file with these maps, without its ending."""
        stage = f"_{self.stage.partition(' (')[0].replace(' ', '_')}" if self.layer else ""
        engine = "" if self.engine == OURS else f"_{self.engine}"
        return f"{self.run.id}_{self.method.replace('+', 'p')}{stage}{engine}"


def choose_method(label: str, key: str, help: str, bind: Literal["query-params"] | None = None) -> str:
    """Choose a saliency method by its title; returns its name."""
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
    """Draw the options, and say in one line what the maps mean."""
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
        "of BCC, and the page shows their correlation. It has no integrated gradients and no occlusion.",
    )
