"""Look-alikes: two classes side by side, what tells them apart, and how reliable a run is on the pair."""

from functools import partial

import streamlit as st

from bcc.practice.atlas_page import atlas_page
from bcc.practice.look_alikes import pair_rows
from pages.parts.app import frame
from pages.parts.context import chosen
from pages.parts.labelling import decisions, run_answers
from pages.parts.labelling.labelled_cells import labelled_cells
from pages.parts.look_alikes import cells, facts, pair, walk
from pages.parts.state import links
from pages.parts.text import errors, formatting

frame.require()
st.title("Look-alikes")
dataset = chosen.dataset()
if dataset is None:
    st.stop()
st.caption(
    f"{formatting.plain(dataset.source)} · two classes side by side: how they look, what tells them apart, "
    "and how reliable a run is on just this pair"
)
with errors.shown():
    selection = decisions.current(dataset)
    pool = labelled_cells(dataset, selection)
names = pair.choose(pool)
if names is None:
    st.stop()

facts.words(names)
judge = run_answers.judge()
found = answers = None
if judge is None:
    st.caption("No model is here: cells are sorted, and reliability is measured, once there is a run.")
else:
    answers = run_answers.ask(
        judge.run,
        dataset,
        "look_alikes",
        "Typical and doubtful cells are found by what a run says of all cells; it has not been asked yet.",
    )
    if answers is not None:
        found = pair_rows(pool, answers, judge.run.class_names, *names)
        if found is None:
            st.caption(f"{formatting.plain(judge.title)} does not know one of the two classes.")
if found is not None and answers is not None and judge is not None:
    cells.show(pool, judge.run, answers, found, names)
    cells.saliency(pool, judge.run, found, names)
table = facts.traits(pool, names)
facts.show_traits(table, names)
measured = None
if judge is not None:
    measured = facts.reliability(pool, judge.run, names)
    walk.show(judge.run, names)

st.subheader("Go on", anchor=False)
with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
    links.link(
        "practise",
        "Practise this pair",
        ":material/school:",
        help="Name cells of these two classes.",
        only=list(names),
    )
    links.link(
        "label",
        "Review labels",
        ":material/new_label:",
        help="Put labels right, those that the run doubts first.",
    )
    links.link("metrics", "The run's confusions", ":material/monitoring:", help="All classes against all.")
    if found is not None:
        st.download_button(
            "One page to print",
            partial(
                atlas_page,
                *names,
                source=pool.dataset.source,
                cells=cells.to_print(pool, found),
                traits=table,
                reliability=measured,
                run=judge.run.id if judge is not None else "",
            ),
            f"{names[0]} or {names[1]}.html",
            "text/html",
            key="pair_page",
            icon=":material/print:",
            on_click="ignore",
            help="Words, cells and numbers of this pair as an HTML page that opens without a network.",
        )
