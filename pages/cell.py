"""Cell: everything known about one cell, its label and its history, and the cells most like it."""

import streamlit as st

from pages.parts.app import frame
from pages.parts.cell import facts, similar
from pages.parts.cell.walk import walk
from pages.parts.context import chosen
from pages.parts.labelling import decisions, label_bar
from pages.parts.text import errors, formatting

frame.require()
st.title("Cell")
dataset = chosen.dataset()
if dataset is None:
    st.stop()
decisions.show_problem()
with errors.shown():
    selection = decisions.current(dataset)
    after = selection.relabelled(dataset)
row = walk(dataset, after)

picture, about = st.columns([4, 7], gap="large")
with picture:
    facts.picture(dataset, row)
    facts.saliency(dataset, row)
with about:
    st.subheader(formatting.plain(facts.title(after, row)), anchor=False)
    facts.table(dataset, selection, row)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        decisions.reviewer_field()
        decisions.undo_buttons(dataset)
    label_bar.show(dataset, facts.as_rows(row), "cell_label")
    facts.leave_out_buttons(dataset, selection, row)

facts.history(dataset, selection, row)
facts.findings(dataset, row)
facts.runs(dataset, row)
similar.show(dataset, after, row)
