"""Runs, kept true while somebody looks: the page is drawn anew when a run has begun, ended, come or gone.

Other servers, shells and the queue change runs, and a table that says "running" for what ended an hour ago
misleads. Only while a run is at work or waits: otherwise nothing changes by itself.
"""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from bcc.runs import ALIVE, RunSummary
from pages.parts.context import chosen

_EVERY = 3.0
"""Seconds between two looks."""


def follow(runs: Mapping[str, RunSummary]) -> None:
    """Look after these runs, as the page is about to show them."""
    if any(one.state is not None and one.state.status in ALIVE for one in runs.values()):
        _look(_statuses(runs))


@st.fragment(run_every=_EVERY)
def _look(shown: dict[str, str]) -> None:
    if _statuses(chosen.runs()) != shown:
        st.rerun()


def _statuses(runs: Mapping[str, RunSummary]) -> dict[str, str]:
    return {run_id: one.state.status if one.state else "damaged" for run_id, one in runs.items()}
