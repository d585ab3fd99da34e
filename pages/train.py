"""Train: choose a preset or every detail, start a run, and follow it."""

import streamlit as st

from bcc.augment import recipe_names
from bcc.datasets import saved_selections
from bcc.errors import UserError
from bcc.jobs import waiting
from bcc.models.shipped_weights import NAMES
from bcc.paths import runs_folder
from bcc.runs import is_shipped
from bcc.specs import check
from bcc.training import PHASES, DataOptions, TrainConfig, assemble, preset_names, read_config, read_preset
from bcc.training.config.check_references import check_references
from bcc.training.config.short_name import short_name
from pages.parts.app import frame
from pages.parts.context import chosen
from pages.parts.run import estimate_button, launch, progress, search_form, sweep_form
from pages.parts.state import links, loaders
from pages.parts.text import errors, formatting
from pages.parts.train import devices
from pages.parts.widgets import form

frame.require()
ON_TOP = ("model", "weights", "image_size", "batch_size", "optimizer", "recipe")
SECTIONS = {"adam": "Adam, Nadam, AdamW", "lion": "Lion", "sgd": "SGD"}
CHOSEN_SET = ("source", "classes", "preprocessing", "layout", "selection")
LIKE = "chosen run"
TRAIN_ON = "train_on"
"""The query parameter by which a link says "chosen": train on the dataset of the sidebar."""
SELECTION = "selection"
"""The query parameter by which the Clean page says what to train on."""

st.title("Train")
dataset = chosen.dataset()
summary = chosen.run()
if summary is not None:
    with st.container(border=True):
        progress.show(summary.run)

st.subheader("A new run", anchor=False)
devices.show()
like = formatting.plain(summary.title) if summary is not None else ""
preset = st.segmented_control(
    "Start from",
    [*preset_names(), *([LIKE] if summary is not None and summary.run.config.exists() else [])],
    default="quick",
    required=True,
    key="preset",
    bind="query-params",
    persist_state="session",
    # A run may be called as a preset is, and the browser sends back what it shows.
    format_func=lambda name: (
        (like if like not in preset_names() else f"{like}, {LIKE}") if name == LIKE else name
    ),
    help="A preset, or the settings of the chosen run; everything below can be changed.",
)
if preset == LIKE and summary is not None:
    with errors.shown():
        begin = read_config(summary.run.config)
    st.caption(f"The settings of {formatting.plain(summary.title)}, trained again with your changes.")
    # Photographs that do not ship cannot be trained on again, and no other set may pass for them.
    own_source = None if is_shipped(summary.run) else begin.data.source
    form_key = f"train.like.{summary.run.id}"
    own_name = formatting.plain(summary.source or begin.data.source)
else:
    about = read_preset(preset)
    begin = assemble(preset=preset)
    st.caption(about["about"])
    form_key, own_source = f"train.{preset}", about["config"].get("data", {}).get("source")
    own_name = own_source
start = begin.model_dump()

sources = {}
if own_source:
    sources["preset"] = f"{own_name}, as in the {'run' if preset == LIKE else 'preset'}"
if dataset is not None:
    sources["chosen"] = f"{formatting.plain(dataset.source)}, chosen on the left"
# The Clean page names a selection, a lesson says it outright.
wants_chosen = SELECTION in st.query_params or st.query_params.get(TRAIN_ON) == "chosen"
source = st.radio(
    "Train on",
    list(sources),
    index=list(sources).index("chosen") if wants_chosen and "chosen" in sources else 0,
    format_func=sources.get,
    horizontal=True,
    key=f"source.{form_key.removeprefix('train.')}",
    bind="query-params",
    persist_state="session",
    help="The preset's own data, or the dataset chosen in the sidebar.",
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
        f"{form_key}.{dataset.fingerprint}",
        places,
        section="data",
        suggestions={SELECTION: [None, *saved]},
    )
suggestions = {
    "weights": ["none", *NAMES, "imagenet"],
    "recipe": recipe_names(),
    "validation_recipe": recipe_names(),
}
values = form.fields(TrainConfig, ON_TOP, start, form_key, places, suggestions=suggestions)
first = formatting.PHASES[next(iter(begin.phases))]
for name, tab in zip(PHASES, st.tabs(list(formatting.PHASES.values()), default=first), strict=True):
    phase = type(getattr(TrainConfig(), name))
    with tab:
        values[name] = form.fields(
            phase,
            list(phase.model_fields),
            start[name],
            f"{form_key}.{name}",
            places,
            section=name,
            suggestions={"recipe": [None, *suggestions["recipe"]]},
        )
topics = form.by_topic(TrainConfig, without=(*ON_TOP, *PHASES, *SECTIONS, "data"))
split_names = [name for names in form.by_topic(DataOptions, without=CHOSEN_SET).values() for name in names]
with st.expander("Data and split", icon=":material/call_split:"):
    values |= form.fields(TrainConfig, topics.pop("Data"), start, form_key, places, suggestions=suggestions)
    data |= form.fields(DataOptions, split_names, start["data"], f"{form_key}.data", places, section="data")
for topic, names in topics.items():
    with st.expander(topic, icon=":material/tune:"):
        values |= form.fields(TrainConfig, names, start, form_key, places)
        for name, title in SECTIONS.items() if topic == "Optimiser" else ():
            st.caption(title)
            rule = type(getattr(TrainConfig(), name))
            values[name] = form.fields(
                rule, list(rule.model_fields), start[name], f"{form_key}.{name}", places, section=name
            )

if source == "preset":
    data |= {name: start["data"][name] for name in CHOSEN_SET}
elif dataset is not None:
    data["source"] = dataset.source if dataset.is_synthetic else dataset.fingerprint
config = None
try:
    config = check(TrainConfig, {**values, "data": data}, "the training config")
    check_references(config)
    if source == "chosen" and dataset is not None:
        loaders.check_division(dataset.fingerprint, config.data, config.seed, dataset)
except UserError as error:
    config = None
    form.show_problem(error, places)
    st.error(formatting.plain(str(error)), icon=":material/error:")

with st.container(horizontal=True, vertical_alignment="bottom"):
    run_name = st.text_input(
        "Name",
        key="run_name",
        placeholder=short_name(config) if config is not None else "what is special about it",
        max_chars=120,
        width=360,
        help="What lists, legends and reports call the run; without a name, what is special about it.",
    )
    pressed = st.button(
        "Start training",
        icon=":material/play_arrow:",
        type="primary",
        disabled=config is None or source is None,
        key="start_training",
        help="Queues the run; it starts as soon as a device is free, and continues when the browser or "
        "this app is closed.",
    )
    if config is not None and source is not None:
        estimate_button.button(config, "one")
if pressed and config is not None:
    with errors.shown():
        links.choose(run=launch.launch(config, run_name).id)
    st.rerun()
in_line = len(waiting(runs_folder()))
if in_line:
    st.caption(f"{in_line} queued before it.")
if config is not None and source is not None:
    with st.expander("What if ...? Vary one or two fields", icon=":material/science:"):
        sweep_form.show(config)
    with st.expander("Search: many fields, bad runs stopped early", icon=":material/travel_explore:"):
        search_form.show(config)
