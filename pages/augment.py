"""Augment: augment cells live, see how labels are mixed, and build a recipe."""

import streamlit as st

from pages.parts.app import frame
from pages.parts.augment import cells, one_augmentation, recipe_editor
from pages.parts.context import chosen
from pages.parts.state import tensorflow_loading
from pages.parts.text import errors

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
        tensorflow_loading.tensorflow()
    if rows is None:
        recipe_editor.show(dataset)
    else:
        one_augmentation.show(dataset, rows, summary)
