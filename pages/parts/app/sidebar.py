"""The sidebar of every page: the way around, and the two choices that the whole app is about."""

from __future__ import annotations

from collections import Counter

import streamlit as st

from bcc.datasets import CachedSet
from bcc.runs import ALIVE, RunSummary
from bcc.safe_text import shown
from pages.parts.background import built_in_dataset
from pages.parts.context import chosen
from pages.parts.state import links
from pages.parts.text import formatting

_HEADING = "font-size:.72rem;opacity:.62;letter-spacing:.04em;padding:.5rem 0 .1rem .55rem;line-height:1"
"""Of a group of links."""


def show() -> None:
    """Draw links and choosers."""
    with st.sidebar:
        with st.container(gap="xxsmall"):
            for heading, names in links.GROUPS.items():
                if heading:
                    st.html(f'<div style="{_HEADING}">{heading}</div>')
                for name in names:
                    title, icon, help = links.PAGES[name]
                    links.link(name, title, icon, help)
        _back_to_lesson()
        st.space("small")
        _data_chooser()
        _run_chooser()
        st.space("small")
        st.caption("For learning and research. Not a medical device.")


def _back_to_lesson() -> None:
    """Draw the way back to the lesson that sent the person here."""
    lesson = st.session_state.get(links.LESSON)
    if lesson and st.query_params.get(links.LESSON) != lesson:
        links.link(
            "lessons",
            "Back to the lesson",
            ":material/keyboard_return:",
            help="The lesson that you are in the middle of.",
            lesson=lesson,
        )


def _data_chooser() -> None:
    sets = chosen.sets()
    in_short = Counter(_set_line(one) for one in sets.values())
    lines = _told_apart({name: _set_line(one, in_full=in_short) for name, one in sets.items()})
    current = st.query_params.get(links.DATA)
    coming = not current and built_in_dataset.is_coming()
    st.session_state["chosen_data"] = current if current in sets else None
    st.selectbox(
        "Dataset",
        list(sets),
        index=0 if current in sets else None,
        format_func=lambda fingerprint: lines.get(fingerprint, fingerprint),
        key="chosen_data",
        help="The dataset that Data and Train use. Open more datasets on the Data page.",
        placeholder="Being painted" if coming else "Choose a dataset",
        on_change=_take,
        args=(links.DATA, "chosen_data"),
    )
    if coming:
        built_in_dataset.follow()


def _run_chooser() -> None:
    runs = chosen.to_ask()
    lines = _told_apart({run_id: formatting.run_line(one) for run_id, one in runs.items()})
    current = st.query_params.get(links.RUN)
    st.session_state["chosen_run"] = current if current in runs else None
    st.selectbox(
        "Run",
        list(runs),
        index=None,
        format_func=lambda run_id: lines.get(run_id, run_id),
        key="chosen_run",
        help="The run that Metrics and Saliency show and that Train follows; newest first.",
        placeholder="Choose a run" if runs else "No runs yet",
        disabled=not runs,
        on_change=_take,
        args=(links.RUN, "chosen_run"),
    )
    if current in runs:
        _about_run(runs[current])


def _about_run(summary: RunSummary) -> None:
    if summary.state is None:
        st.badge("damaged", icon=formatting.STATUS["damaged"][0], color="red")
        return
    status = summary.state.status
    icon, colour = formatting.STATUS[status]
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.badge(status, icon=icon, color=colour)
        about = f"{summary.model} on {summary.source}" if summary.source else summary.model
        st.caption(formatting.plain(about), width="content")
    if status in ALIVE:
        links.link("train", "Follow it", ":material/arrow_forward:")


def _take(parameter: str, key: str) -> None:
    """Write a choice into the URL.

    Lines of the lists change while they are shown (a run that waited is at work), and a browser that still
    has the old line sends it as if it had been typed: that is no choice.
    """
    choice = st.session_state[key]
    known = chosen.sets() if parameter == links.DATA else chosen.to_ask()
    if choice is None or choice in known:
        links.choose(**{parameter: choice})


def _told_apart(lines: dict[str, str]) -> dict[str, str]:
    """Lines of a list by id, each of them once: the browser sends a line back, not the id behind it."""
    count = Counter(lines.values())
    return {key: line if count[line] == 1 else f"{line} · {key}" for key, line in lines.items()}


def _set_line(one: CachedSet, in_full: Counter[str] | None = None) -> str:
    """A set in the list; those that would read the same are told apart by how their images were made."""
    line = f"{shown(one.source)} · {one.rows:,}"
    if in_full and in_full[line] > 1:
        height, width = one.image_shape
        return f"{line} · {width} × {height} px, {one.preprocessing}"
    return line
