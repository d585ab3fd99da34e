"""Paint a cell: change one property at a time and watch whether the run changes its mind."""

import streamlit as st

from pages.parts import chosen, errors, frame, loaders, no_run, paint_bench, words

frame.require()

st.title("Paint a cell")
summary = chosen.run()
if summary is None or not summary.has_model:
    st.caption("Sliders for a painted cell beside what a run says of it.")
    no_run.show(summary, "paint")
    st.stop()
run = summary.run
st.subheader(words.plain(run.id), anchor=False)
with errors.shown():
    with st.spinner("Loading TensorFlow and the model"):
        loaders.single_model_of(run)
    st.caption(
        f"{words.about_run(summary)} "
        + (
            "This cell is painted like them."
            if summary.source.startswith("synthetic")
            else "The cell is painted, not photographed: a run that learned from photographs meets it as a "
            "stranger, so watch what changes, not the first answer."
        )
    )
    paint_bench.show(run)
