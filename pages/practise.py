"""Practise: name cells, learn at once what was right, and see how you do beside a run."""

import streamlit as st

from pages.parts.app import frame
from pages.parts.context import chosen
from pages.parts.labelling import decisions
from pages.parts.practise import game, quizzes, results, setup, summary, who
from pages.parts.text import errors, formatting

frame.require()
VIEWS = ("Practise", "You and the run", "Quizzes")

st.title("Practise")
dataset = chosen.dataset()
if dataset is None:
    st.stop()
who.remember()
play = game.current()
if play is not None and not play.is_over:
    game.show()
    st.stop()
if play is not None:
    summary.show(play)
    st.stop()
quiz_id = st.query_params.get(quizzes.QUIZ)
if quiz_id:
    quizzes.invitation(quiz_id)
    st.stop()
st.caption(
    f"{formatting.plain(dataset.source)} · name the cell, and learn at once what it is labelled as, what a "
    "run "
    "says, and what to look for"
)
with errors.shown():
    selection = decisions.current(dataset)
practice, you, teacher = st.tabs(VIEWS, key="part", on_change="rerun", bind="query-params")
if practice.open:
    with practice:
        setup.show(dataset, selection)
if you.open:
    with you:
        results.show(dataset)
if teacher.open:
    with teacher:
        quizzes.show(dataset, selection)
