"""What can be done with one run: open, follow, stop, go on, delete."""

from __future__ import annotations

import streamlit as st

from bcc import jobs
from bcc.runs import ALIVE, Run, RunSummary
from pages.parts import errors, links, live, words


def show(summary: RunSummary) -> None:
    """A card with the run's verdict and its buttons."""
    run, state = summary.run, summary.state
    alive = state is not None and state.status in ALIVE
    with st.container(border=True):
        st.markdown(f"**{words.plain(run.id)}**")
        if summary.problem:
            st.error(words.plain(summary.problem), icon=":material/broken_image:")
        live.verdict(run)
        with st.container(horizontal=True, vertical_alignment="center"):
            if summary.accuracy is not None:
                links.link("metrics", "Metrics", ":material/monitoring:")
            if summary.has_model:
                links.link("saliency", "Saliency", ":material/center_focus_strong:")
            if state is not None:
                links.link("train", "Follow" if alive else "Curves and log", ":material/show_chart:")
            if alive:
                st.button(
                    "Stop",
                    icon=":material/stop_circle:",
                    key="stop_from_list",
                    on_click=jobs.stop,
                    args=(run,),
                    help="It ends after the step that it is at and scores its best weights.",
                )
            elif (
                state is not None
                and state.status != "finished"
                and st.button(
                    "Go on",
                    icon=":material/resume:",
                    key="resume_from_list",
                    help="Goes on from its last checkpoint.",
                )
            ):
                with errors.shown():
                    jobs.resume(run)
                links.go("train")
            if st.button(
                "Delete",
                icon=":material/delete:",
                key="delete_run",
                disabled=alive,
                help="Removes the run's directory with its model and metrics. Asks first.",
            ):
                _confirm(summary)


@st.dialog("Delete this run?", icon=":material/delete:")
def _confirm(summary: RunSummary) -> None:
    st.markdown(
        f"**{words.plain(summary.run.id)}**: its model, curves and metrics are removed from this machine."
    )
    with st.container(horizontal=True):
        if st.button(
            "Delete it",
            type="primary",
            key="confirm_delete",
            on_click=_delete,
            args=(summary.run,),
            help="This cannot be undone.",
        ):
            st.rerun()
        if st.button("Keep it", key="keep_run", help="Nothing happens."):
            st.rerun()


def _delete(run: Run) -> None:
    with errors.shown(stop=False):
        jobs.delete(run)
        links.choose(run=None)
