"""What pages about a run show while there is no model yet, and what to do next."""

from __future__ import annotations

import streamlit as st

from bcc.advice import command
from bcc.runs import ALIVE, RunSummary, is_shipped
from pages.parts.context import chosen
from pages.parts.state import links
from pages.parts.text import formatting


def show(summary: RunSummary | None, page: str) -> None:
    """Explain why there is nothing to show, and link to the next step."""
    if summary is None:
        _choose(page)
    elif summary.state is None:
        st.error(formatting.plain(summary.problem), icon=":material/broken_image:")
    elif summary.state.status in ALIVE:
        st.info(
            f"{formatting.plain(summary.title)} is still training; come back when it has finished.",
            icon=":material/hourglass:",
        )
        links.link("train", "Follow it", ":material/arrow_forward:")
    elif summary.state.status in ("finished", "stopped") and summary.problem:
        st.error(formatting.plain(summary.problem), icon=":material/broken_image:")
        if summary.has_model:
            st.caption(
                "Its model is here: Robustness, Saliency and Paint a cell still work, and "
                f"`{command('evaluate')}` scores it on any set."
            )
        links.link("train", "Open the run", ":material/arrow_forward:")
    else:
        why = f" {summary.state.message}" if summary.state.message else ""
        st.info(
            f"{formatting.plain(summary.title)} ended before it was scored ({summary.state.status})."
            f"{formatting.plain(why)} Resume it, or start another one.",
            icon=":material/info:",
        )
        links.link("train", "Open the run", ":material/arrow_forward:")


def _choose(page: str) -> None:
    ready = [one for one in chosen.to_ask().values() if one.has_model and one.state]
    if all(is_shipped(one.run) for one in ready):
        st.info(
            "There is no trained run yet. Start one on the Train page, or the quick one on Home: it takes "
            "about a minute. Or try the model that ships with BCC.",
            icon=":material/info:",
        )
        with st.container(horizontal=True):
            for one in ready:
                links.link(page, formatting.run_line(one), ":material/arrow_forward:", run=one.run.id)
            links.link("home", "Quick run on Home", ":material/bolt:")
            links.link("train", "Go to Train", ":material/model_training:")
        return
    st.info("Choose a run, here or on the left.", icon=":material/info:")
    for one in ready[:5]:
        links.link(page, formatting.run_line(one), ":material/arrow_forward:", run=one.run.id)
