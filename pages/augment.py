"""Augment: change cells live, see what becomes of the label, and put a recipe together."""

import streamlit as st

from pages.parts import chosen, errors, frame, warm
from pages.parts.augmenting import cells, one, recipe_bench

frame.require()
ONE, RECIPE = "one augmentation", "a recipe"

st.title("Augment")
dataset = chosen.dataset()
if dataset is None:
    st.stop()
summary = chosen.run()
with errors.shown():
    with st.container(horizontal=True, vertical_alignment="top", gap="large"):
        view = st.segmented_control(
            "Try",
            [ONE, RECIPE],
            default=ONE,
            required=True,
            key="try",
            bind="query-params",
            help="One augmentation by itself, or a list of them as training uses it.",
        )
        rows = cells.choose(dataset, summary) if view == ONE else None
    with st.spinner("Loading TensorFlow"):
        warm.tensorflow()
    if rows is None:
        recipe_bench.show(dataset)
    else:
        one.show(dataset, rows, summary)
