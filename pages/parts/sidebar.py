"""The sidebar of every page: the way around, and the two choices that the whole app is about."""

from __future__ import annotations

import streamlit as st

from bcc.datasets import CachedSet
from bcc.runs import ALIVE, RunSummary
from pages.parts import chosen, links, words

PAGES = {
    "home": ("Home", ":material/home:", "Where to begin."),
    "data": ("Data", ":material/grid_view:", "Look at the pictures and how the classes are filled."),
    "train": ("Train", ":material/model_training:", "Start a run and follow it."),
    "runs": ("Runs", ":material/list_alt:", "All runs: open, stop, go on, delete."),
    "metrics": ("Metrics", ":material/monitoring:", "How often a run is right, and where it is wrong."),
    "saliency": ("Saliency", ":material/center_focus_strong:", "Where a run looks."),
}
"""File name without .py -> title, icon and what it is for; the file name is also its address."""


def navigation() -> st.Page:
    """The page that was asked for; its links are drawn by `show`, so that they keep the choices."""
    return st.navigation(
        [
            st.Page(f"pages/{name}.py", title=title, icon=icon, url_path=name, default=name == "home")
            for name, (title, icon, _) in PAGES.items()
        ],
        position="hidden",
    )


def show() -> None:
    """Draw links and choosers."""
    with st.sidebar:
        st.markdown("#### :material/biotech: BCC  \n:gray[:small[Blood cell classifiers]]")
        with st.container(gap="xxsmall"):
            for name, (title, icon, help) in PAGES.items():
                links.link(name, title, icon, help)
        st.space("small")
        _data_chooser()
        _run_chooser()
        st.space("small")
        st.caption("For learning and research. Not a medical device.")


def _data_chooser() -> None:
    sets = chosen.sets()
    current = st.query_params.get(links.DATA)
    st.session_state["chosen_data"] = current if current in sets else None
    st.selectbox(
        "Data set",
        list(sets),
        index=None,
        format_func=lambda fingerprint: _set_line(sets[fingerprint]),
        key="chosen_data",
        help="The set that Data and Train work on. Open more sets on the Data page.",
        placeholder="Choose a data set",
        on_change=_take,
        args=(links.DATA, "chosen_data"),
    )


def _run_chooser() -> None:
    runs = chosen.runs()
    current = st.query_params.get(links.RUN)
    st.session_state["chosen_run"] = current if current in runs else None
    st.selectbox(
        "Run",
        list(runs),
        index=None,
        format_func=lambda run_id: words.run_line(runs[run_id]),
        key="chosen_run",
        help="The run that Metrics and Saliency show and that Train follows; the newest stands first.",
        placeholder="Choose a run" if runs else "No runs yet",
        disabled=not runs,
        on_change=_take,
        args=(links.RUN, "chosen_run"),
    )
    if current in runs:
        _about_run(runs[current])


def _about_run(summary: RunSummary) -> None:
    if summary.state is None:
        st.badge("damaged", icon=words.STATUS["damaged"][0], color="red")
        return
    status = summary.state.status
    icon, colour = words.STATUS[status]
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.badge(status, icon=icon, color=colour)
        about = f"{summary.model} on {summary.source}" if summary.source else summary.model
        st.caption(words.plain(about), width="content")
    if status in ALIVE:
        links.link("train", "Follow it", ":material/arrow_forward:")


def _take(parameter: str, key: str) -> None:
    links.choose(**{parameter: st.session_state[key]})


def _set_line(one: CachedSet) -> str:
    height, width = one.picture_size
    size = f"{width} px" if height == width else f"{width} × {height} px"
    return f"{one.source} · {one.rows:,} · {size}"
