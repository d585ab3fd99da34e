"""Clean: find faulty images, decide on each with the images in view, and train on the rest."""

import streamlit as st

from bcc.datasets import Dataset
from bcc.errors import UserError
from pages.parts.app import frame
from pages.parts.clean import (
    balance,
    dataset_map,
    findings,
    masks,
    overview,
    scans,
    selections,
    summary,
)
from pages.parts.context import chosen
from pages.parts.labelling import decisions
from pages.parts.text import errors, formatting

frame.require()
TABS = ("Overview", "Findings", "Map", "Balance", "Masks", "Selections")


@st.fragment(key="clean")
def work(dataset: Dataset) -> None:
    """Draw everything that changes with a decision; only the open tab is drawn."""
    beside = summary.choose(dataset)
    decisions.show_problem()
    with errors.shown():
        selection = decisions.current(dataset)
    done = None
    try:
        done = scans.last(dataset)
    except UserError as error:
        st.error(formatting.plain(str(error)), icon=":material/error:")
    with beside:
        summary.line(selection, done)
    whole, found, plane, even, outlines, named = st.tabs(
        TABS, key="tab", on_change="rerun", bind="query-params"
    )
    if whole.open:
        with whole:
            summary.numbers(dataset, selection, done)
            overview.show(dataset, selection, done)
    if found.open:
        with found:
            findings.show(dataset, done)
    if plane.open:
        with plane:
            dataset_map.show(dataset, done)
    if even.open:
        with even:
            balance.show(dataset, selection)
    if outlines.open:
        with outlines:
            masks.show(dataset, selection)
    if named.open:
        with named:
            selections.show(dataset, selection)


st.title("Clean")
dataset = chosen.dataset()
if dataset is None:
    st.stop()
st.caption(
    f"{formatting.plain(dataset.source)} · fingerprint {dataset.fingerprint} · nothing is ever deleted: a "
    "selection lists the rows that training leaves out"
)
work(dataset)
