"""What can be done with one run: open, follow, name, stop, go on, delete."""

from __future__ import annotations

import streamlit as st

from bcc import jobs
from bcc.runs import ALIVE, Run, RunSummary
from bcc.safe_text import shown
from pages.parts.run import trash
from pages.parts.state import links
from pages.parts.text import errors, formatting


def show(summary: RunSummary, tags: list[str]) -> None:
    """A card with the run's buttons and what people say about it.

    Args:
        summary: of the run.
        tags: that are in use, to offer.
    """
    run, state = summary.run, summary.state
    alive = state is not None and state.status in ALIVE
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"**{formatting.plain(summary.title)}**", width="content")
            if summary.about.name:
                st.caption(formatting.plain(run.id), width="content")
        if summary.problem:
            st.error(formatting.plain(summary.problem), icon=":material/broken_image:")
        with st.container(horizontal=True, vertical_alignment="center"):
            if summary.accuracy is not None:
                links.link("metrics", "Metrics", ":material/monitoring:")
            if summary.has_model:
                links.link("saliency", "Saliency", ":material/center_focus_strong:")
            if state is not None:
                links.link("train", "Follow" if alive else "Curves and log", ":material/show_chart:")
            _buttons(summary, alive)
        if state is not None:
            _said(summary, tags)


def _buttons(summary: RunSummary, alive: bool) -> None:
    run, state = summary.run, summary.state
    if state is not None and state.status == "queued":
        st.button(
            "Remove from the queue",
            icon=":material/close:",
            key="stop_from_list",
            on_click=stop,
            args=(run,),
            help="It keeps its settings and can be queued again.",
        )
    elif alive:
        st.button(
            "Stop",
            icon=":material/stop_circle:",
            key="stop_from_list",
            on_click=stop,
            args=(run,),
            help="It stops after the current step and scores its best weights.",
        )
    elif state is not None and state.status != "finished":
        if st.button(
            "Resume",
            icon=":material/resume:",
            key="resume_from_list",
            help="Continues from its last checkpoint.",
        ):
            with errors.shown():
                jobs.resume(run)
            links.go("train")
        if st.button(
            "Try again",
            icon=":material/replay:",
            key="retry_from_list",
            help="Starts from the beginning. What this run wrote is moved to the trash.",
        ):
            with errors.shown():
                jobs.retry(run)
            links.go("train")
    if run.history.exists():
        st.download_button(
            "History",
            lambda: run.history.read_bytes(),
            f"{run.id}.csv",
            "text/csv",
            icon=":material/download:",
            key="history_csv",
            on_click="ignore",
            help="Loss and accuracy of every epoch as CSV.",
        )
    if st.button(
        "Delete",
        icon=":material/delete:",
        key="delete_run",
        disabled=alive and state is not None and state.status != "queued",
        help="Moves the run to the trash, from where it can be restored. Asks first.",
    ):
        _confirm(summary)


def _said(summary: RunSummary, tags: list[str]) -> None:
    """Name, tags, note and favourite; written as soon as they are changed."""
    run, said = summary.run, summary.about
    star, name, labels, note = st.columns([3, 4, 4, 6], vertical_alignment="bottom")
    star.toggle(
        "Favourite",
        said.favourite,
        key=f"favourite:{run.id}",
        on_change=_describe,
        args=(run, "favourite"),
        help="Marked with a star in the table; can be filtered.",
    )
    name.text_input(
        "Name",
        said.name,
        key=f"name:{run.id}",
        on_change=_describe,
        args=(run, "name"),
        placeholder=run.id,
        help="A name to show instead of its id.",
    )
    labels.multiselect(
        "Tags",
        list(dict.fromkeys([*said.tags, *tags])),
        list(said.tags),
        key=f"tags:{run.id}",
        on_change=_describe,
        args=(run, "tags"),
        accept_new_options=True,
        format_func=shown,
        placeholder="Add a word",
        help="Words to find it by.",
    )
    note.text_input(
        "Note",
        said.note,
        key=f"note:{run.id}",
        on_change=_describe,
        args=(run, "note"),
        placeholder="What was it for?",
        help="A few words about the run.",
    )


def _describe(run: Run, field: str) -> None:
    with errors.shown(stop=False):
        jobs.describe(run, **{field: st.session_state[f"{field}:{run.id}"]})


def stop(run: Run) -> None:
    """Ask a run to stop, or take it out of the queue; for `on_click`."""
    with errors.shown(stop=False):
        jobs.stop(run)


def kill(run: Run) -> None:
    """End a run's process; for `on_click`."""
    with errors.shown(stop=False):
        jobs.kill(run)


@st.dialog("Delete this run?", icon=":material/delete:")
def _confirm(summary: RunSummary) -> None:
    st.markdown(
        f"**{formatting.plain(summary.title)}**, with its model, curves and metrics, "
        "is moved to the trash. It can be restored until the trash is emptied."
    )
    with st.container(horizontal=True):
        if st.button(
            "Delete",
            type="primary",
            key="confirm_delete",
            on_click=_delete,
            args=(summary.run,),
            help="The trash is at the end of this page.",
        ):
            st.rerun()
        if st.button("Keep", key="keep_run", help="Nothing happens."):
            st.rerun()


def _delete(run: Run) -> None:
    with errors.shown(stop=False):
        trash.remember(jobs.delete(run))
        links.choose(run=None)
