"""A painted cell that a slider carries from one class to the other, with the run's prediction live."""

from __future__ import annotations

import streamlit as st

from bcc.datasets.classes import cell_kind
from bcc.datasets.synthetic import CLASS_NAMES, paint
from bcc.datasets.synthetic.between import between
from bcc.explain.painted_cell import typical_spec
from bcc.figures import class_probabilities
from bcc.runs import Run
from pages.parts.state import loaders
from pages.parts.text import errors, formatting
from pages.parts.widgets import gallery

SIZE = 96


@st.fragment
def show(run: Run, names: tuple[str, str]) -> None:
    """Draw the slider, the cell and the probabilities; nothing where one of the classes cannot be painted."""
    kinds = [cell_kind(name) for name in names]
    if not all(kind in CLASS_NAMES for kind in kinds):
        return
    st.subheader("From one to the other", anchor=False)
    st.caption("A painted cell: every property goes in a straight line from the typical one of each class.")
    wanted = st.toggle(
        "Carry a painted cell",
        key="carry",
        bind="query-params",
        help="Loads the run's model and paints live.",
    )
    if not wanted:
        return
    with errors.shown(stop=False):
        with st.spinner("Loading TensorFlow and the model"):
            predict = loaders.single_model_of(run)
        share = st.slider(
            f"{formatting.plain(names[0])} → {formatting.plain(names[1])}",
            0,
            100,
            50,
            key="pair_share",
            format="%d %%",
            help="0 is the typical cell of the first class, 100 that of the second.",
        )
        one, other = (typical_spec(str(kind), seed=1) for kind in kinds)
        image = paint(between(one, other, share / 100), SIZE).image
        said = predict(image[None])[0]
        picture, bars = st.columns([1, 2], gap="large")
        picture.html(
            f'<img src="{gallery.image_uri(image)}" alt="A painted cell between the two classes" '
            'style="width:100%;max-width:280px;border-radius:8px;display:block">'
        )
        called = run.class_names[int(said.argmax())]
        with bars:
            st.markdown(f"**{formatting.plain(called)}**, {formatting.share(float(said.max()))} sure")
            st.plotly_chart(
                class_probabilities(said, run.class_names), key="pair_bars", alt=f"The run says {called}"
            )
