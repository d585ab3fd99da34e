"""Which runs the table shows; the URL keeps the choice."""

from __future__ import annotations

import re
from collections.abc import Sequence

import streamlit as st

from bcc.runs import RunSummary
from bcc.runs.table import matching
from pages.parts.text import formatting


def show(summaries: Sequence[RunSummary]) -> list[RunSummary]:
    """Draw the controls and give the runs that fit."""
    statuses = list(dict.fromkeys(one.state.status if one.state else "damaged" for one in summaries))
    tags = known_tags(summaries)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        search = st.text_input(
            "Search",
            key="search",
            bind="query-params",
            icon=":material/search:",
            placeholder="Name, tag, note, model, data",
            width=280,
            help="Words that must all appear in a run's name, id, note, tags, model, data or question.",
        )
        wanted = st.pills(
            "Status",
            statuses,
            selection_mode="multi",
            key="status",
            bind="query-params",
            help="Only runs in one of these states; all where none is chosen.",
        )
        labels = (
            st.pills(
                "Tags",
                tags,
                selection_mode="multi",
                key="tag",
                bind="query-params",
                format_func=_pill,
                help="Only runs that carry all of these.",
            )
            if tags
            else []
        )
        favourites = st.toggle(
            "Favourites", key="favourites", bind="query-params", help="Only runs with a star."
        )
    return matching(summaries, search or "", wanted, labels, favourites)


def _pill(tag: str) -> str:
    """A tag as Markdown; words are left as they are, for they stand in the URL as they are shown."""
    return tag if re.fullmatch(r"[^\W_][\w-]*(?<!_)", tag) else formatting.plain(tag)


def known_tags(summaries: Sequence[RunSummary]) -> list[str]:
    """Tags in use, in the order of the alphabet."""
    return sorted({tag for one in summaries for tag in one.about.tags})
