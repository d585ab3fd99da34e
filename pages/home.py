"""Home: what this is, the way through it, and the shortest way to a result."""

import os

import streamlit as st

from bcc.paths import LESSON
from bcc.training import assemble, read_preset
from pages.parts.app import frame
from pages.parts.context import chosen
from pages.parts.home import recent_runs
from pages.parts.run import launch
from pages.parts.state import links, loaders
from pages.parts.text import errors, formatting
from pages.parts.widgets import gallery

frame.require()
# `bcc lesson` opens the app for one lesson; once, so that Home stays reachable.
asked = os.environ.get(LESSON)
if asked and not st.session_state.get("home.lesson_opened"):
    st.session_state["home.lesson_opened"] = True
    links.go("lessons", lesson=asked)
st.title("Blood cell classifiers")
st.markdown(
    "Explore a dataset of single-cell images, train a network of the ConvNeXt family to classify the "
    "cells, and see where it is right, where it is wrong and what it looks at. Everything stays on this "
    ""
    "machine."
)

dataset = chosen.dataset()
if dataset is not None:
    rows = loaders.one_per_class(dataset.fingerprint, dataset)
    gallery.of_rows(dataset, rows, "One cell of each class", columns=max(len(rows), 6))
    st.caption(
        f"One cell of each class of *{formatting.plain(dataset.source)}*"
        + (" – synthetic: painted by this program, not photographed." if dataset.is_synthetic else ".")
    )

with st.container(
    border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
):
    with st.container(width=640, gap="xxsmall"):
        st.subheader("Quick run", anchor=False)
        st.markdown(
            "Fine-tunes the model that ships with BCC on 1,600 painted (synthetic) cells. Metrics and "
            "saliency "
            "are there in about a minute."
        )
    if st.button(
        "Start a quick run",
        icon=":material/bolt:",
        type="primary",
        help=read_preset("quick")["about"],
        key="quick_run",
    ):
        with errors.shown():
            run = launch.launch(assemble(preset="quick"), "Quick run")
        links.go("train", run=run.id)

ready = chosen.to_ask().get("pbc")
if ready is not None and ready.accuracy is not None:
    with st.container(border=True, gap="xsmall"):
        st.subheader(formatting.plain(ready.title), anchor=False)
        st.markdown(
            f"A small network trained on 10,753 photographs of blood cells: {ready.accuracy:.1%} "
            "right on 1,296 others. Try it before you train anything; runs of the same network (atto) "
            "can start from it."
        )
        with st.container(horizontal=True, gap="medium"):
            for name, label in (
                ("metrics", "How good it is"),
                ("predict", "Classify your images"),
                ("saliency", "See what it looks at"),
                ("paint", "Paint a cell for it"),
            ):
                links.link(name, label, links.PAGES[name][1], run=ready.run.id)

st.subheader("Workflow", anchor=False)
steps = {
    "data": (
        "See the cells",
        "Number of images per class, class balance, and what the cells look like.",
    ),
    "clean": (
        "Clean",
        "Copies, bad images and doubtful labels: found by one scan; you decide.",
    ),
    "augment": (
        "Augment",
        "Augment cells live, see what happens to the label, and build a recipe.",
    ),
    "train": (
        "Train",
        "Choose a preset or every detail, start, and follow the curves. Runs continue when the browser "
        "is closed.",
    ),
    "metrics": ("Judge", "Which classes are confused, and whether a simple linear model does as well."),
    "saliency": (
        "Understand",
        "Which parts of an image the network relies on, per image and per class.",
    ),
}
room = [column for _ in range(2) for column in st.columns(3)]
for column, (name, (label, text)) in zip(room, steps.items(), strict=True):
    title, icon, _ = links.PAGES[name]
    with column.container(border=True, height="stretch", vertical_alignment="distribute"):
        with st.container(gap="xxsmall"):
            st.markdown(f"{icon} **{label}**")
            st.caption(text)
        links.link(name, title, ":material/arrow_forward:")

with st.container(border=True, gap="xsmall"):
    st.subheader("Learn to tell cells apart", anchor=False)
    st.markdown(
        "Name cells yourself beside a model, put two classes that look alike side by side, or take a class "
        "through one of five lessons."
    )
    with st.container(horizontal=True, gap="medium"):
        for name in links.GROUPS["Learning"]:
            title, icon, help = links.PAGES[name]
            links.link(name, title, icon, help)

summaries = list(chosen.runs().values())
if summaries:
    st.subheader("Newest runs", anchor=False)
    recent_runs.newest(summaries[:5])
