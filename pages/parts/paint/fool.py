"""Fool the model: change a cell as little as possible until the answer turns, then see a short way."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import streamlit as st

from bcc.datasets.synthetic import CellSpec, paint
from bcc.explain.painted_cell import typical_spec
from bcc.explain.smallest_change import Change, distance, smallest_change
from bcc.runs import Run
from bcc.specs import field_title
from pages.parts.state import loaders
from pages.parts.text import errors, formatting
from pages.parts.widgets import gallery

SIZE = 96


def show(run: Run, spec: CellSpec, class_name: str, called: int, take: Callable[[CellSpec], None]) -> None:
    """Draw the game.

    Args:
        run: the model that is to be fooled.
        spec: the cell as the sliders have it.
        class_name: the class that it began as.
        called: what the run calls it now, a position in its classes.
        take: puts a cell into the sliders.
    """
    with st.expander("Fool the model", icon=":material/psychology_alt:"):
        start = typical_spec(class_name, spec.seed)
        key = ("fool start", *run.model_version, start)
        began = loaders.cached(key, lambda: _called(run, start))
        names = run.class_names
        far = distance(spec, start)
        st.markdown(
            f"A typical {formatting.plain(class_name)} is called **{formatting.plain(names[began])}**. Move "
            "the sliders as little as you can until it is called something else: the distance is your score, "
            "the lower the better. 1 is one property from end to end."
        )
        with st.container(horizontal=True, gap="large", vertical_alignment="center"):
            st.metric("Your distance", f"{far:.2f}", help="Summed over all properties.", width="content")
            if far and called != began:
                st.success(f"Fooled: {formatting.plain(names[called])}.", icon=":material/check_circle:")
        answer = ("fool answer", *run.model_version, start)
        place = st.empty()
        if not loaders.is_cached(answer) and not place.button(
            "Show a short way",
            icon=":material/lightbulb:",
            key="fool_show",
            help="Searches for the smallest change that turns the answer; some seconds.",
        ):
            return
        place.empty()
        with errors.shown(stop=False):
            with st.spinner("Painting some hundred cells"):
                found = loaders.cached(answer, lambda: smallest_change(start, loaders.model_of(run), SIZE))
            _way(run, found, start, take)


def _called(run: Run, spec: CellSpec) -> int:
    return int(loaders.single_model_of(run)(paint(spec, SIZE).image[None])[0].argmax())


def _way(run: Run, found: Change | None, start: CellSpec, take: Callable[[CellSpec], None]) -> None:
    if found is None:
        st.info("No way was found: four properties together do not turn the answer.", icon=":material/info:")
        return
    lines = [
        f"{field_title(name, CellSpec.model_fields[name])}: {before:g} → {after:g}"
        for name, before, after in found.properties
    ]
    name = run.class_names[found.label]
    st.markdown(
        f"Distance **{found.distance:.2f}**: {formatting.plain('; '.join(lines))}. Then it is called "
        f"**{formatting.plain(name)}** ({formatting.share(found.probability)})."
    )
    before, after = (np.asarray(paint(one, SIZE).image) for one in (start, found.spec))
    cards = [
        gallery.Card((before,), "typical", "", "", "The typical cell"),
        gallery.Card((after,), f"called {name}", "", "", f"The changed cell, called {name}"),
    ]
    gallery.show(cards, "A typical cell, and the nearest one that is called something else", columns=6)
    st.button(
        "Put it into the sliders",
        icon=":material/tune:",
        key="fool_take",
        on_click=take,
        args=(found.spec,),
        help="Look at it from all sides; 'Start over' brings the typical cell back.",
    )
