"""A few runs as plain lines with links, for places where a whole table is too much."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from bcc.runs import ALIVE, RunSummary
from pages.parts.state import links
from pages.parts.text import formatting


def newest(summaries: Sequence[RunSummary]) -> None:
    """One line a run: status, name, what it reached, and a link to where one would look next."""
    with st.container(border=True, gap="xsmall"):
        for summary in summaries:
            _line(summary)


def _line(summary: RunSummary) -> None:
    status = summary.state.status if summary.state else "damaged"
    icon, colour = formatting.STATUS[status]
    state, run_id, model, reached, way = st.columns([5, 10, 9, 11, 5], vertical_alignment="center")
    state.badge(status, icon=icon, color=colour)
    run_id.markdown(f"**{formatting.plain(summary.title)}**")
    model.markdown(f"{summary.model or '–'} on {formatting.plain(summary.source or '–')}")
    reached.markdown(_reached(summary))
    with way:
        page, label = _next(summary, status)
        links.link(page, label, ":material/arrow_forward:", run=summary.run.id)


def _reached(summary: RunSummary) -> str:
    if summary.state is None:
        return f":gray[{formatting.plain(summary.problem)}]"
    if summary.accuracy is not None:
        linear = f" :gray[· linear {formatting.percent(summary.baseline)}]" if summary.baseline else ""
        return f"{formatting.reached(summary)}{linear}"
    return f":gray[epoch {summary.state.epoch} of {summary.state.epochs}]"


def _next(summary: RunSummary, status: str) -> tuple[str, str]:
    if status in ALIVE:
        return "train", "Follow"
    return ("metrics", "Metrics") if summary.accuracy is not None else ("runs", "Look")
