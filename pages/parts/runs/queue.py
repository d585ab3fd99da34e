"""The queue: what is at work, what waits in which order, and buttons to change that."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from bcc import jobs
from bcc.paths import runs_folder
from bcc.runs import Run, RunSummary, summarise
from pages.parts.state import links
from pages.parts.text import errors, formatting


def show() -> None:
    """Draw the queue where there is one; it keeps itself up to date."""
    if jobs.waiting(runs_folder()):
        _lines()


@st.fragment(run_every=3.0, key="queue")
def _lines() -> None:
    jobs.revive()
    waiting = jobs.waiting(runs_folder())
    if not waiting:
        # The last one has begun: the page is drawn without the queue.
        st.rerun()
    at_work = list(jobs.at_work(runs_folder()))
    st.subheader(f"Queue · {len(waiting)} queued", anchor=False)
    with st.container(border=True, gap="xsmall", height=320 if len(waiting) > 6 else "content"):
        for run in at_work:
            _line(summarise(run), ":material/play_circle:", first=True, last=True, waits=False)
        for position, run in enumerate(waiting):
            _line(summarise(run), f"{position + 1}", first=position == 0, last=position == len(waiting) - 1)


def _line(summary: RunSummary, place: str, first: bool, last: bool, waits: bool = True) -> None:
    run, state = summary.run, summary.state
    if state is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.markdown(f":gray[{place}]", width=28)
        with st.container(width="stretch"):
            about = f"{summary.model}, {state.epochs} epochs" if waits else state.stage
            st.markdown(f"**{formatting.plain(summary.title)}** :gray[{formatting.plain(about)}]")
        if not waits:
            with st.container(width="content"):
                links.link("train", "Follow", ":material/arrow_forward:", run=run.id)
            return
        up, down = ":material/arrow_upward:", ":material/arrow_downward:"
        _button(up, f"up:{run.id}", _move, (run, "up"), "Move up one place.", disabled=first)
        _button(down, f"down:{run.id}", _move, (run, "down"), "Move down one place.", disabled=last)
        _button(
            ":material/close:",
            f"cancel:{run.id}",
            _cancel,
            (run,),
            "Remove from the queue; it can be queued again later.",
        )


def _button(
    icon: str, key: str, action: Callable[..., None], args: tuple, help: str, disabled: bool = False
) -> None:
    st.button(
        "", icon=icon, key=key, type="tertiary", on_click=action, args=args, help=help, disabled=disabled
    )


def _move(run: Run, place: jobs.Place) -> None:
    with errors.shown(stop=False):
        jobs.move(run, place)


def _cancel(run: Run) -> None:
    with errors.shown(stop=False):
        jobs.stop(run)
