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
view = st.segmented_control(
    "Try",
    [ONE, RECIPE],
    default=ONE,
    required=True,
    key="try",
    bind="query-params",
    help="One augmentation by itself, or a list of them as training uses it.",
)
with st.spinner("Loading TensorFlow"):
    warm.tensorflow()
with errors.shown():
    if view == ONE:
        one.show(dataset, cells.choose(dataset, chosen.run()), chosen.run())
    else:
        recipe_bench.show(dataset)
