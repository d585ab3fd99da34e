"""Home: what this is, the way through it, and the shortest way to a result."""

import streamlit as st

from bcc.training import assemble, read_preset
from pages.parts.app import frame
from pages.parts.context import chosen
from pages.parts.home import recent_runs
from pages.parts.run import launch
from pages.parts.state import links, loaders
from pages.parts.text import errors, formatting
from pages.parts.widgets import gallery

frame.require()
st.title("Blood cell classifiers")
st.markdown(
    "Look at a set of single-cell images, train a network of the ConvNeXt family to tell the cells "
    "apart, and see where it is right, where it is wrong and what it looks at. Everything stays on this "
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
            "Teaches the model that ships with BCC 1,600 painted (synthetic) cells. Metrics and saliency "
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
            run = launch.launch(assemble(preset="quick"))
        links.go("train", run=run.id)

ready = chosen.to_ask().get("pbc")
if ready is not None and ready.accuracy is not None:
    with st.container(border=True, gap="xsmall"):
        st.subheader(formatting.plain(ready.title), anchor=False)
        st.markdown(
            f"A small network that was trained on 10,753 photographs of blood cells: {ready.accuracy:.1%} "
            "right on 1,296 others. Ask it before you train anything; runs of the same network (atto) can "
            "start from it."
        )
        with st.container(horizontal=True, gap="medium"):
            for name, label in (
                ("metrics", "How good it is"),
                ("predict", "Ask it about your images"),
                ("saliency", "See what it looks at"),
                ("paint", "Paint it a cell"),
            ):
                links.link(name, label, links.PAGES[name][1], run=ready.run.id)

st.subheader("The way through", anchor=False)
steps = {
    "data": (
        "See the cells",
        "How many of each class there are, how even they are, and what they look like.",
    ),
    "clean": (
        "Clean",
        "Copies, bad images and doubtful labels: found by one scan, decided by you.",
    ),
    "augment": (
        "Augment",
        "Change cells live, see what becomes of the label, and put a recipe together.",
    ),
    "train": (
        "Train",
        "Choose a preset or every detail, start, and follow the curves. Runs outlive the browser.",
    ),
    "metrics": ("Judge", "What is confused with what, and whether a simple linear model does as well."),
    "saliency": (
        "Understand",
        "Where in each image the network finds its reasons, per image and per class.",
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

summaries = list(chosen.runs().values())
if summaries:
    st.subheader("Newest runs", anchor=False)
    recent_runs.newest(summaries[:5])
