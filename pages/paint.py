"""Paint a cell: change one property at a time and watch how the prediction changes."""

import streamlit as st

from pages.parts.app import frame
from pages.parts.context import chosen
from pages.parts.paint import editor
from pages.parts.state import loaders
from pages.parts.text import errors, formatting
from pages.parts.widgets import no_run

frame.require()

st.title("Paint a cell")
summary = chosen.run()
if summary is None or not summary.has_model:
    st.caption("Sliders for a painted cell, and the run's prediction of it.")
    no_run.show(summary, "paint")
    st.stop()
run = summary.run
st.subheader(formatting.plain(summary.title), anchor=False)
with errors.shown():
    with st.spinner("Loading TensorFlow and the model"):
        loaders.single_model_of(run)
    st.caption(
        f"{formatting.about_run(summary)} "
        + (
            "This cell is painted like them."
            if summary.source.startswith("synthetic")
            else "The cell is painted, not photographed: a run trained on photographs may be wrong about it. "
            "Watch how the prediction changes rather than the first prediction."
        )
    )
    editor.show(run)
