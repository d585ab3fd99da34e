"""Train: choose a preset or every detail, start a run, and follow it."""

import streamlit as st

from bcc.augment import read_recipe, recipe_names
from bcc.datasets import saved_selections
from bcc.errors import UserError
from bcc.jobs import waiting
from bcc.specs import check
from bcc.training import PHASES, DataOptions, TrainConfig, assemble, preset_names, read_config, read_preset
from pages.parts import (
    chosen,
    device_panel,
    errors,
    estimates,
    form,
    frame,
    launching,
    links,
    live,
    what_if_form,
    words,
)

frame.require()
ON_TOP = ("model", "weights", "image_size", "batch_size", "optimizer", "recipe")
SECTIONS = {"adam": "Adam, Nadam, AdamW", "lion": "Lion", "sgd": "SGD"}
CHOSEN_SET = ("source", "classes", "preprocessing", "selection")
SELECTION = "selection"
"""The query parameter by which the Clean page says what to train on."""

st.title("Train")
dataset = chosen.dataset()
summary = chosen.run()
if summary is not None:
    with st.container(border=True):
        live.show(summary.run)

st.subheader("A new run", anchor=False)
preset = st.segmented_control(
    "Preset",
    preset_names(),
    default="quick",
    required=True,
    key="preset",
    bind="query-params",
    help="A starting point; everything below can be changed.",
)
about = read_preset(preset)
st.caption(about["about"])
start = assemble(preset=preset).model_dump()
own_source = about["config"].get("data", {}).get("source")

sources = {}
if own_source:
    sources["preset"] = f"{own_source}, as in the preset"
if dataset is not None:
    sources["chosen"] = f"{words.plain(dataset.source)}, chosen on the left"
source = st.radio(
    "Train on",
    list(sources),
    index=list(sources).index("chosen") if SELECTION in st.query_params and "chosen" in sources else 0,
    format_func=sources.get,
    horizontal=True,
    key=f"source.{preset}",
    help="The preset's own data, or the data set that is chosen in the sidebar.",
)

places: form.Places = {}
data = {}
if source == "chosen" and dataset is not None:
    saved = saved_selections(dataset)
    wanted = st.query_params.get(SELECTION)
    data = form.fields(
        DataOptions,
        [SELECTION],
        {SELECTION: wanted if wanted in saved else None},
        f"train.{preset}.{dataset.fingerprint}",
        places,
        section="data",
        suggestions={SELECTION: [None, *saved]},
    )
suggestions = {"weights": ["none", "imagenet"], "recipe": recipe_names()}
values = form.fields(TrainConfig, ON_TOP, start, f"train.{preset}", places, suggestions=suggestions)
for name, tab in zip(PHASES, st.tabs([words.PHASES[name] for name in PHASES]), strict=True):
    phase = type(getattr(TrainConfig(), name))
    with tab:
        values[name] = form.fields(
            phase, list(phase.model_fields), start[name], f"train.{preset}.{name}", places, section=name
        )
topics = form.by_topic(TrainConfig, without=(*ON_TOP, *PHASES, *SECTIONS, "data"))
split_names = [name for names in form.by_topic(DataOptions, without=CHOSEN_SET).values() for name in names]
with st.expander("Data and split", icon=":material/call_split:"):
    values |= form.fields(
        TrainConfig, topics.pop("Data"), start, f"train.{preset}", places, suggestions=suggestions
    )
    data |= form.fields(
        DataOptions, split_names, start["data"], f"train.{preset}.data", places, section="data"
    )
for topic, names in topics.items():
    with st.expander(topic, icon=":material/tune:"):
        values |= form.fields(TrainConfig, names, start, f"train.{preset}", places)
        for name, title in SECTIONS.items() if topic == "Optimiser" else ():
            st.caption(title)
            rule = type(getattr(TrainConfig(), name))
            values[name] = form.fields(
                rule, list(rule.model_fields), start[name], f"train.{preset}.{name}", places, section=name
            )

if source == "preset":
    data |= {name: start["data"][name] for name in CHOSEN_SET}
elif dataset is not None:
    data["source"] = dataset.source if dataset.is_synthetic else dataset.fingerprint
config = None
try:
    config = check(TrainConfig, {**values, "data": data}, "the training config")
    read_recipe(config.recipe)
except UserError as error:
    config = None
    form.show_problem(error, places)
    st.error(words.plain(str(error)), icon=":material/error:")

busy = [one.run.id for one in chosen.runs().values() if one.state and one.state.status in ALIVE]
if busy:
    st.info(
        f"{words.plain(busy[0])} is still training; two runs at once share the processor.",
        icon=":material/info:",
    )
if st.button(
    "Start training",
    icon=":material/play_arrow:",
    type="primary",
    disabled=config is None or source is None,
    key="start_training",
    help="Starts `python -m bcc train` in a process of its own: it goes on when the browser or this app "
    "is closed.",
):
    with errors.shown():
        links.choose(run=submit(config).id)
    st.rerun()
