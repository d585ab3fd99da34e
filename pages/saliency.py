"""Saliency: what the chosen run looks at, per image and per class, and whether to believe the maps."""

import streamlit as st

from pages.parts.app import frame
from pages.parts.context import chosen, run_predictions
from pages.parts.saliency import activation_maximisation, class_maps, image_maps, trust
from pages.parts.state import links, loaders
from pages.parts.text import errors, formatting
from pages.parts.widgets import image_choice, no_run, saliency_options

frame.require()
links.rename("show", {"pictures": "images", "made up": "generated images"})
VIEWS = ["images", "classes", "between classes", "trust", "generated images"]

st.title("Saliency")
summary = chosen.run()
if summary is None or not summary.has_model:
    no_run.show(summary, "saliency")
    st.stop()
run = summary.run
st.subheader(formatting.plain(summary.title), anchor=False)
with errors.shown():
    with st.spinner("Loading TensorFlow and the model"):
        model = loaders.model_of(run).model
    dataset = run_predictions.where(run) or chosen.data_of(run)
if about := formatting.about_run(summary):
    st.caption(about)
view = st.segmented_control(
    "Show",
    VIEWS,
    default="images",
    required=True,
    key="show",
    bind="query-params",
    help="Chosen images one by one; what the run looks at per class; how two classes "
    "differ; which method to believe; or generated images that the run assigns to a class.",
)

with errors.shown():
    if view == "trust":
        trust.show(run, dataset)
    elif view == "generated images":
        activation_maximisation.show(run)
    else:
        how = saliency_options.show(run, model)
        if view == "images":
            rows, target = image_choice.show(run, dataset)
            image_maps.show_images(run, dataset, how, rows, target)
        elif view == "classes":
            count, seed = image_choice.sample()
            class_maps.show(run, dataset, how, count, seed)
        else:
            count, seed = image_choice.sample()
            class_maps.show_difference(run, dataset, how, count, seed)
