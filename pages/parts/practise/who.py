"""The name under which somebody practises, and what was answered under it before."""

from __future__ import annotations

import streamlit as st

from bcc.errors import UserError
from bcc.practice import Answer, AnswerBook, all_answers, answers_mark, person, read_answers
from pages.parts.state import links, loaders
from pages.parts.text import formatting

NAME = "who"
"""Query parameter and key of the field."""
_KEPT = "practise.who"


def remember() -> None:
    """Keep the name of the address for views and links that do not carry it."""
    if st.query_params.get(NAME):
        st.session_state[_KEPT] = st.query_params[NAME]


def field() -> str:
    """Draw the field; returns the name, "" where none is given yet or it cannot be used."""
    if NAME not in st.session_state and NAME not in st.query_params and st.session_state.get(_KEPT):
        st.session_state[NAME] = st.session_state[_KEPT]
    st.session_state[_KEPT] = st.text_input(
        "Your name",
        key=NAME,
        placeholder="any name",
        max_chars=40,
        width=220,
        help="Answers are stored under this name on this computer, so that your progress and the cells that "
        "you named wrongly are there next time. There is no password: whoever types the same name goes on "
        "with the same answers.",
        **links.bound(NAME, fits=lambda _: True),
    )
    try:
        return person(st.session_state[_KEPT])
    except UserError:
        return ""


def own_answers(name: str) -> tuple[Answer, ...]:
    """All answers that were given under a name, the oldest first.

    Raises:
        UserError: its file cannot be read.
    """
    key = ("practice", name.casefold(), answers_mark())
    book = loaders.cached(key, lambda: read_answers(name))
    if book.damaged:
        st.caption(
            f"{book.damaged:,} stored answers of {formatting.plain(name)} cannot be read; they are left out."
        )
    return book.answers


def everybody() -> list[AnswerBook]:
    """The answers of all who ever answered here."""
    return loaders.cached(("practice", "everybody", answers_mark()), all_answers)
