"""Saliency: where the chosen run finds its reasons, picture by picture and class by class, and how far to
believe it."""

import streamlit as st

from pages.parts import (
    chosen,
    class_maps,
    errors,
    frame,
    loaders,
    made_up,
    map_choice,
    maps,
    no_run,
    picture_choice,
    scored,
    trust_section,
    words,
)

frame.require()
VIEWS = ["pictures", "classes", "between classes", "trust", "made up"]

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
if about := words.about_run(summary):
    st.caption(about)
view = st.segmented_control(
    "Show",
    VIEWS,
    default="pictures",
    required=True,
    key="show",
    bind="query-params",
    help="Chosen pictures one by one; what the run looks at in each class as a whole; how two classes "
    "differ; which method to believe; or pictures that the run itself would call a class.",
)

with errors.shown():
    if view == "trust":
        trust_section.show(run, dataset)
    elif view == "made up":
        made_up.show(run)
    else:
        how = map_choice.show(run, model)
        if view == "pictures":
            rows, target = picture_choice.show(run, dataset)
            maps.show_pictures(run, dataset, how, rows, target)
        elif view == "classes":
            count, seed = picture_choice.sample()
            class_maps.show(run, dataset, how, count, seed)
        else:
            count, seed = picture_choice.sample()
            class_maps.show_difference(run, dataset, how, count, seed)
