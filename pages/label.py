"""Label: put labels right and label new cells, a grid at a time."""

import streamlit as st

from pages.parts.app import frame
from pages.parts.context import chosen
from pages.parts.label import classes, grid, reviewers, status
from pages.parts.labelling import decisions
from pages.parts.text import errors, formatting

frame.require()
VIEWS = ("Cells", "Classes", "Reviewers")

st.title("Label")
dataset = chosen.dataset()
if dataset is None:
    st.stop()
st.caption(
    f"{formatting.plain(dataset.source)} · labels are changed in a selection, the dataset itself never is; "
    "training, metrics and exports that use the selection use its labels"
)
status.choose(dataset)
decisions.show_problem()
with errors.shown():
    selection = decisions.current(dataset)
    status.numbers(dataset, selection)
    cells, kinds, people = st.tabs(VIEWS, key="part", on_change="rerun", bind="query-params")
    if cells.open:
        with cells:
            grid.show(dataset, selection)
    if kinds.open:
        with kinds:
            classes.show(dataset, selection)
    if people.open:
        with people:
            reviewers.show(dataset, selection)
