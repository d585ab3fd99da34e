"""The frame around every page: the list of pages, and the way through app.py.

Streamlit lets app.py decide about pages only once app.py has run. The very first thing that a fresh server
is asked for may be a link to a page, which would then be drawn bare; `require` sends such a visit through
app.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

import streamlit as st

# Pictures of our own and not named ones: Streamlit fetches a named icon of the browser tab from the network.
MARK = str(Path(__file__).with_name("mark.svg"))
WORDMARK = str(Path(__file__).with_name("wordmark.svg"))

PAGES = {
    "home": ("Home", ":material/home:", "Where to begin."),
    "data": ("Data", ":material/grid_view:", "Look at the pictures and how the classes are filled."),
    "train": ("Train", ":material/model_training:", "Start a run and follow it."),
    "runs": ("Runs", ":material/list_alt:", "All runs: open, stop, go on, delete."),
    "metrics": ("Metrics", ":material/monitoring:", "How often a run is right, and where it is wrong."),
    "saliency": ("Saliency", ":material/center_focus_strong:", "Where a run looks."),
}
"""File name without .py, which is also the address -> title, icon and what the page is for."""

_around: ContextVar[bool] = ContextVar("inside the app", default=False)


def navigation() -> st.Page:
    """Set the look of the app and find the page that was asked for.

    Links to pages are drawn in the sidebar and not by Streamlit, so that they keep the choices.
    """
    st.set_page_config("BCC · blood cell classifiers", MARK, layout="wide", initial_sidebar_state=300)
    st.logo(WORDMARK, size="large", icon_image=MARK)
    return st.navigation(
        [
            st.Page(f"pages/{name}.py", title=title, icon=icon, url_path=name, default=name == "home")
            for name, (title, icon, _) in PAGES.items()
        ],
        position="hidden",
    )


@contextmanager
def around() -> Iterator[None]:
    """What app.py puts around a page."""
    before = _around.set(True)
    try:
        yield
    finally:
        _around.reset(before)


def require() -> None:
    """Begin a page: start again through app.py where the page was called without it."""
    if not _around.get():
        navigation()
        st.rerun()
