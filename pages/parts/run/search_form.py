"""Begin a search: which fields vary between which values, with how many runs."""

from __future__ import annotations

import streamlit as st

from bcc.errors import UserError
from bcc.jobs.search import PRUNERS, SAMPLERS, Search, begin_search, parse_dimension, start_conductor
from bcc.specs import check
from bcc.training import TrainConfig
from pages.parts.state import links
from pages.parts.text import errors, formatting

SEARCH = "sweep"
"""The query parameter by which the Runs page knows which search to show."""
USUAL = "all.learning_rate=1e-4..1e-2:log\nweight_decay=1e-4..0.3:log\ndropout=0..0.5"


def show(config: TrainConfig) -> None:
    """Draw the form around the config that the page holds at this moment."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(
            "Name of the search",
            key="search_name",
            persist_state="session",
            placeholder="first search",
            max_chars=80,
            width=240,
            help="The Runs page shows what it finds under this name.",
        )
        runs = st.number_input(
            "Runs",
            2,
            1000,
            20,
            key="search_runs",
            persist_state="session",
            width=120,
            help="How many at most.",
        )
        sampler = st.selectbox(
            "Values",
            list(SAMPLERS),
            key="search_sampler",
            persist_state="session",
            width=340,
            format_func=lambda one: f"{one}: {SAMPLERS[one]}",
            help="How the values of each run are chosen.",
        )
        pruner = st.selectbox(
            "Stop early",
            list(PRUNERS),
            key="search_pruner",
            persist_state="session",
            width=560,
            format_func=lambda one: f"{one}: {PRUNERS[one]}",
            help="What happens to runs that do badly from the beginning.",
        )
    text = st.text_area(
        "What varies, a field per line",
        USUAL,
        key="search_space",
        persist_state="session",
        height=110,
        help="field=low..high, field=low..high:log for a range by factors, or field=value,value. Every other "
        "field stays as it is in the form above.",
    )
    search = None
    try:
        dimensions = [parse_dimension(line) for line in text.splitlines() if line.strip()]
        values = {
            "name": name.strip() or "?",
            "base": config,
            "dimensions": dimensions,
            "runs": int(runs),
            "sampler": sampler,
            "pruner": pruner,
        }
        search = check(Search, values, "the search")
    except UserError as error:
        st.error(formatting.plain(str(error)), icon=":material/error:")
    pressed = st.button(
        "Begin the search",
        icon=":material/travel_explore:",
        key="search_begin",
        disabled=search is None or not name.strip(),
        help="Puts runs in the queue one after another, and goes on when the browser or this app is closed."
        if name.strip()
        else "Give it a name first.",
    )
    if pressed and search is not None:
        with errors.shown():
            begin_search(search)
            start_conductor(search.name)
        links.go("runs", **{SEARCH: search.name})
