"""A few runs as plain lines with links, for places where a whole table is too much."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from bcc.runs import ALIVE, RunSummary
from pages.parts import links, words


def newest(summaries: Sequence[RunSummary]) -> None:
    """One line a run: status, id, what it reached, and a link to where one would look next."""
    with st.container(border=True, gap="xsmall"):
        for summary in summaries:
            _line(summary)


def _line(summary: RunSummary) -> None:
    status = summary.state.status if summary.state else "damaged"
    icon, colour = words.STATUS[status]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.badge(status, icon=icon, color=colour, width=110)
        st.markdown(f"**{words.plain(summary.run.id)}**", width=260)
        st.markdown(f"{summary.model or '–'} on {words.plain(summary.source or '–')}", width=260)
        st.markdown(_reached(summary), width="stretch")
        page, label = _next(summary, status)
        links.link(page, label, ":material/arrow_forward:", run=summary.run.id)


def _reached(summary: RunSummary) -> str:
    if summary.state is None:
        return f":gray[{words.plain(summary.problem)}]"
    if summary.accuracy is not None:
        linear = f" :gray[linear model {words.percent(summary.baseline)}]" if summary.baseline else ""
        return f"{words.percent(summary.accuracy)} right{linear}"
    return f":gray[epoch {summary.state.epoch} of {summary.state.epochs}]"


def _next(summary: RunSummary, status: str) -> tuple[str, str]:
    if status in ALIVE:
        return "train", "Follow"
    return ("metrics", "Metrics") if summary.accuracy is not None else ("runs", "Look")
