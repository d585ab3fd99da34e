"""Quizzes: make one, hand out its link, watch answers arrive, take the table home."""

from __future__ import annotations

import secrets
import time
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from bcc.datasets import Dataset, Selection
from bcc.errors import UserError
from bcc.practice import (
    Play,
    Quiz,
    RoundOptions,
    delete_quiz,
    draw_round,
    first_attempt,
    hardest_questions,
    make_quiz,
    quiz_results,
    read_quiz,
    saved_quizzes,
)
from bcc.practice.quiz import Feedback
from bcc.specs import check
from pages.parts.practise import game, setup, who
from pages.parts.state import links
from pages.parts.text import errors, formatting
from pages.parts.widgets import columns, downloads

QUIZ = "quiz"
"""Query parameter: the quiz that a link leads to."""
_PROBLEM = "practise.quiz_problem"
FEEDBACK: tuple[Feedback, ...] = ("at the end", "at once")


def invitation(quiz_id: str) -> None:
    """Draw what somebody sees who came by the link of a quiz."""
    with errors.shown():
        quiz = read_quiz(quiz_id)
        game.dataset_of(quiz.data)
    st.subheader(formatting.plain(quiz.title), anchor=False)
    time_for = f"{quiz.seconds} s for each" if quiz.seconds else "as much time as you like"
    st.markdown(
        f"{len(quiz.rows)} cells, {time_for}"
        + (", shown distorted" if quiz.distorted else "")
        + f". You learn what was right {quiz.feedback}. Answer with the keys 1 to 9."
    )
    name = who.field()
    if name:
        with errors.shown():
            done = first_attempt(who.own_answers(name), quiz.id)
        if done:
            st.caption(
                f"{formatting.plain(name)} has begun this quiz before ({len(done)} answers); only that first "
                "attempt counts."
            )
    with st.container(horizontal=True):
        if st.button(
            "Begin the quiz",
            icon=":material/play_arrow:",
            type="primary",
            disabled=not name,
            key="quiz_begin",
            help="Shows the first cell." if name else "Give a name first.",
        ):
            game.begin(Play.of_quiz(secrets.token_hex(6), name, quiz, time.monotonic()))
            st.rerun()
        st.button(
            "Not now",
            key="quiz_leave",
            type="tertiary",
            on_click=_leave,
            help="Back to practice on your own.",
        )


def show(dataset: Dataset, selection: Selection) -> None:
    """Draw all quizzes, and the form for a new one."""
    _problem()
    for quiz in saved_quizzes():
        with st.container(border=True):
            _one(quiz)
    with st.expander("Make a quiz", icon=":material/add:", expanded=not saved_quizzes()):
        _make(dataset, selection)


def address(quiz: Quiz) -> str:
    """The link that people follow."""
    base = str(st.context.url or "").split("?")[0].rstrip("/").removesuffix("/practise")
    return f"{base}/practise?{urlencode({links.DATA: quiz.data, QUIZ: quiz.id})}"


def _one(quiz: Quiz) -> None:
    st.markdown(f"**{formatting.plain(quiz.title)}**")
    st.caption(
        f"{len(quiz.rows)} cells of {formatting.plain(quiz.source)} · feedback {quiz.feedback} · "
        f"made {quiz.made[:10]}"
    )
    st.code(address(quiz), language=None, wrap_lines=True)
    results = quiz_results(quiz, who.everybody())
    with st.container(horizontal=True, vertical_alignment="center"):
        links.link(
            "practise", "Take it", ":material/play_arrow:", help="Open the quiz as a student does.",
            data=quiz.data, quiz=quiz.id,
        )  # fmt: skip
        with st.popover("Delete", icon=":material/delete:", help="Asks first."):
            st.markdown("The quiz goes to the trash; answers that were given stay.")
            st.button(
                "Delete the quiz",
                key=f"quiz_delete:{quiz.id}",
                on_click=_delete,
                args=(quiz.id,),
                help="Its link then leads nowhere.",
            )
    _arriving(quiz)
    if len(results):
        downloads.table(results, f"quiz_{quiz.id}")


@st.fragment(run_every=5.0)
def _arriving(quiz: Quiz) -> None:
    """Draw the results as they arrive."""
    books = who.everybody()
    results = quiz_results(quiz, books)
    if results.empty:
        st.caption("Nobody has answered yet. Answers appear here as they arrive.")
        return
    st.dataframe(
        formatting.table(results),
        hide_index=True,
        height="content",
        key=f"quiz_results:{quiz.id}",
        alt=f"Results of the quiz {quiz.title}",
        column_config={
            "name": st.column_config.TextColumn("Name", pinned=True),
            "answered": st.column_config.ProgressColumn(
                "Answered", format="%d", min_value=0, max_value=len(quiz.rows)
            ),
            "right": st.column_config.NumberColumn("Right", **columns.count(64)),
            "share": st.column_config.NumberColumn("Share", **columns.share(70)),
            "seconds": st.column_config.NumberColumn("Time", format="%.0f s", width=70),
            "begun": st.column_config.TextColumn("Begun (UTC)"),
        },
        column_order=["name", "answered", "right", "share", "seconds", "begun"],
    )
    _hard(hardest_questions(quiz, books))


def _hard(table: pd.DataFrame) -> None:
    hard = table[table["share"] < 0.5].head(5)
    if len(hard):
        lines = [f"row {one.row} ({one.truth}): {one.right} of {one.n}" for one in hard.itertuples()]
        st.caption("Hardest: " + formatting.plain("; ".join(lines)))


def _make(dataset: Dataset, selection: Selection) -> None:
    title = st.text_input("Title", key="quiz_title", max_chars=80, help="What people read.")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        length = st.segmented_control(
            "Cells", [20, 50, 100], default=20, required=True, key="quiz_length", help="How many cells."
        )
        mix = st.segmented_control(
            "Which cells",
            ["even", "blood"],
            default="even",
            required=True,
            format_func=setup.MIXES.__getitem__,
            key="quiz_mix",
            help="Every class equally often, or as often as in the blood of healthy adults.",
        )
        feedback = st.segmented_control(
            "Feedback",
            list(FEEDBACK),
            default=FEEDBACK[0],
            required=True,
            key="quiz_feedback",
            help="When people learn what was right.",
        )
        seconds = st.number_input(
            "Seconds per cell", 0, 120, 0, key="quiz_seconds", width=150, help="0 for as long as they like."
        )
        distorted = st.toggle("Distorted", key="quiz_distorted", help="Show cells as a worse camera would.")
    st.caption(
        "The cells are drawn from the dataset on the left, with the labels of the selection; everybody gets "
        "the "
        "same ones in the same order."
    )
    if st.button(
        "Make the quiz",
        icon=":material/add:",
        key="quiz_make",
        disabled=not title.strip(),
        help="Draws the cells and gives you a link." if title.strip() else "Give it a title first.",
    ):
        with errors.shown(stop=False):
            pool = setup.pools(dataset, selection, painted=False)
            options = check(RoundOptions, {"length": length, "mix": mix}, "the quiz")
            make_quiz(
                title,
                draw_round(options, pool, secrets.randbelow(2**31)),
                setup.classes_of(pool[0]),
                dataset.source,
                feedback=feedback,
                seconds=int(seconds),
                distorted=distorted,
            )
            st.rerun()


def _delete(quiz_id: str) -> None:
    try:
        delete_quiz(quiz_id)
    except UserError as error:
        st.session_state[_PROBLEM] = str(error)


def _problem() -> None:
    problem = st.session_state.pop(_PROBLEM, None)
    if problem:
        st.error(formatting.plain(problem), icon=":material/error:")


def _leave() -> None:
    st.query_params.pop(QUIZ, None)
