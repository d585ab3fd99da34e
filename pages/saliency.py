"""Saliency: where the chosen run finds its reasons, picture by picture and class by class."""

import streamlit as st

from bcc.explain import default_stage, stages
from pages.parts import chosen, errors, frame, loaders, maps, no_run, picture_choice, scored, words

frame.require()

st.title("Saliency")
summary = chosen.run()
if summary is None or not summary.has_model:
    no_run.show(summary, "saliency")
    st.stop()
run = summary.run
st.subheader(words.plain(run.id), anchor=False)
with errors.shown():
    with st.spinner("Loading TensorFlow and the model"):
        model = loaders.model_of(run).model
    dataset = scored.where(run) or chosen.data_of(run)
st.caption(
    f"{summary.model} trained on {words.plain(summary.source)}"
    + (
        ", which is synthetic: painted cells, not photographs."
        if summary.source.startswith("synthetic")
        else "."
    )
)

view, stage_choice, cover = st.columns([2, 4, 2], gap="medium")
with view:
    per_class = (
        st.segmented_control(
            "Show",
            ["pictures", "classes"],
            default="pictures",
            required=True,
            key="show",
            bind="query-params",
            help="Chosen pictures one by one, or what the run looks at in each class as a whole.",
        )
        == "classes"
    )
with stage_choice:
    layers = {stage.layer: stage for stage in stages(model)}
    layer = st.selectbox(
        "Stage of the network",
        list(layers),
        index=list(layers).index(default_stage(model).layer),
        format_func=lambda name: f"{layers[name].label} · {name}",
        key=f"layer:{run.id}",
        help="Where the map is taken: deeper stages know more, shallower ones see finer. The deepest "
        "whose map is at least 6 x 6 is proposed.",
    )
with cover:
    opacity = st.slider(
        "Cover", 0.0, 1.0, 0.6, 0.05, key="opacity", help="How much the hottest places cover the picture."
    )
st.caption(
    f"Grad-CAM at **{layers[layer].label}**, layer `{layer}`: bright is what speaks for the class, the "
    "picture itself what does not. A map has as many cells as its stage, enlarged smoothly."
)

with errors.shown():
    if per_class:
        count, seed = picture_choice.sample()
        maps.show_classes(run, dataset, layer, count, seed, opacity)
    else:
        rows, target = picture_choice.show(run, dataset)
        maps.show_pictures(run, dataset, layer, rows, target, opacity)
