"""The two classes that are looked at."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from bcc.practice import Pool
from bcc.practice.look_alikes import most_confused
from pages.parts.labelling import run_answers
from pages.parts.text import formatting

ONE, OTHER = "one", "other"
"""Query parameters and keys of the two classes."""
_USUAL = ("immature granulocyte", "neutrophil")


def choose(pool: Pool) -> tuple[str, str] | None:
    """Draw the two choosers; `None` where both name the same class.

    Without a choice these are the classes that the run mixes up most, else a pair that people do.
    """
    names = list(dict.fromkeys(name for name in pool.names if name))
    first, second = _begin(pool, names)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        one = _chooser("One class", names, ONE, first)
        st.button(
            "",
            icon=":material/swap_horiz:",
            key="look_alikes_swap",
            on_click=_swap,
            args=(first, second),
            help="Exchange the two.",
        )
        other = _chooser("The other", names, OTHER, second)
    if one == other:
        st.info("Choose two different classes.", icon=":material/info:")
        return None
    return one, other


def _chooser(label: str, names: list[str], key: str, default: str) -> str:
    format_func: Callable[[str], str] = formatting.plain
    return str(
        st.selectbox(
            label,
            names,
            names.index(default),
            key=key,
            bind="query-params",
            format_func=format_func,
            width=240,
            help="A class of the dataset on the left.",
        )
    )


def _begin(pool: Pool, names: list[str]) -> tuple[str, str]:
    judge = run_answers.judge()
    answers = None if judge is None else run_answers.known(judge.run, pool.dataset)
    found = None
    if judge is not None and answers is not None:
        found = most_confused(pool, answers, judge.run.class_names)
    if found is None and set(_USUAL) <= set(names):
        found = _USUAL
    return found or (names[0], names[min(1, len(names) - 1)])


def _swap(first: str, second: str) -> None:
    one, other = st.session_state.get(ONE, first), st.session_state.get(OTHER, second)
    st.session_state[ONE], st.session_state[OTHER] = other, one
