"""The frame around every page: look, navigation and sidebar.

app.py draws it. Only the very first visit of a fresh server may be sent straight to a page's file, since
Streamlit learns only from app.py that app.py decides about pages; `require` then does what app.py does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

import streamlit as st

from bcc import jobs
from pages.parts.app import sidebar
from pages.parts.context import chosen
from pages.parts.state import links, tensorflow_loading

# Images of our own and not named ones: Streamlit fetches a named icon of the browser tab from the network.
MARK = str(Path(__file__).with_name("mark.svg"))
WORDMARK = str(Path(__file__).with_name("wordmark.svg"))

_drawn: ContextVar[bool] = ContextVar("the frame is drawn", default=False)


def draw() -> st.Page:
    """Draw all but the page, and give the page that was asked for.

    Links to pages are drawn in the sidebar and not by Streamlit, so that they keep the choices.
    """
    st.set_page_config("BCC · blood cell classifiers", MARK, layout="wide", initial_sidebar_state=300)
    st.logo(WORDMARK, size="large", icon_image=MARK)
    page = st.navigation(
        [
            st.Page(f"pages/{name}.py", title=title, icon=icon, url_path=name, default=name == "home")
            for name, (title, icon, _) in links.PAGES.items()
        ],
        position="hidden",
    )
    _revive_queue()
    chosen.ensure_data()
    sidebar.show()
    return page


@st.cache_resource(show_spinner=False)
def _revive_queue() -> None:
    """Once a server: runs that wait since the machine was switched off get their turn."""
    jobs.revive(thoroughly=True)


@contextmanager
def drawn() -> Iterator[None]:
    """Say to the page inside that its frame is there; the first page that is up begins to load TensorFlow."""
    before = _drawn.set(True)
    try:
        yield
    finally:
        _drawn.reset(before)
        tensorflow_loading.behind_the_scenes()


def require() -> None:
    """Begin a page: go through the frame where it was called without one."""
    if not _drawn.get():
        page = draw()
        with drawn():
            page.run()
        st.stop()
