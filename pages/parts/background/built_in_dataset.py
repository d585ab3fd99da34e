"""The set that is open when nobody has chosen one: painted once, behind the scenes, where it is missing.

Pages that show it say how far it is, and come to life when it is there; the others never wait.
"""

from __future__ import annotations

import streamlit as st

from bcc.datasets import cached_sets, load
from pages.parts.background import long_work
from pages.parts.text import formatting

DEFAULT_SET = "synthetic"
"""The set that is open when nobody has chosen one."""

NEXT = "synthetic-clean"
"""What the quick run of the first page trains on: painted after it, so that the run begins at once."""


def fingerprint() -> str | None:
    """The default set's, or `None` while it is painted; painting begins with the first who asks."""
    work = long_work.find(_key(DEFAULT_SET))
    failed = work is not None and not work.alive and work.failed
    for one in cached_sets():
        if one.location == DEFAULT_SET:
            return one.fingerprint
    # Of a failure the page tells, with a button: trying again at every rerun would never end.
    if not failed:
        long_work.start(_key(DEFAULT_SET), _paint)
    return None


def is_coming() -> bool:
    """Whether it is being painted."""
    return long_work.is_alive(_key(DEFAULT_SET))


def show() -> None:
    """Where the set would be: how far it is, or why it is not there and a way to try again."""
    work = long_work.find(_key(DEFAULT_SET))
    if work is not None and not work.alive and work.failed:
        if work.crash is not None:
            long_work.forget(_key(DEFAULT_SET), work)
            raise work.crash
        st.error(
            formatting.plain(f"The built-in cells could not be painted. {work.problem}"),
            icon=":material/error:",
        )
        st.button(
            "Try again",
            icon=":material/replay:",
            key="paint_again",
            on_click=long_work.forget,
            args=(_key(DEFAULT_SET), work),
            help="Paint the built-in cells again.",
        )
        return
    follow()


@st.fragment(run_every=1.0)
def follow() -> None:
    """How far it is; the page is drawn anew when it is there."""
    work = long_work.find(_key(DEFAULT_SET))
    if work is None or not work.alive:
        st.rerun()
    st.progress(min(max(work.share, 0.0), 1.0), "Painting the built-in cells, once")


def _paint(report: long_work.Report, called_off: long_work.CalledOffYet) -> None:
    load(DEFAULT_SET, progress=long_work.stopping(report, called_off))
    long_work.start(_key(NEXT), _paint_next)


def _paint_next(report: long_work.Report, called_off: long_work.CalledOffYet) -> None:
    load(NEXT, progress=long_work.stopping(report, called_off))


def _key(name: str) -> tuple[str, str]:
    return ("paint", name)
