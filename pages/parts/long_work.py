"""Work of a minute or more that goes on when the person leaves the page, and that can be called off.

One thread for each piece of work, known by its key to every browser; the page looks once a second.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from bcc.errors import UserError
from pages.parts import words

Working = Callable[[Callable[[float, str], None], Callable[[], bool]], Any]
"""Gets a progress callback and a function that says whether to stop."""


class CalledOff(Exception):  # noqa: N818 - nothing went wrong
    """Raised inside work that was cancelled, by the callback of `stopping`."""


@dataclass
class Work:
    """One piece of work.

    Attributes:
        share, text: how far it is.
        called_off: set to end it.
        problem: why it failed, for a person.
        crash: what rose that nobody expected; the page that looks for a result raises it again.
    """

    share: float = 0.0
    text: str = "Beginning"
    problem: str = ""
    crash: Exception | None = None
    called_off: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None

    @property
    def alive(self) -> bool:
        """Whether it still goes on."""
        return self.thread is not None and self.thread.is_alive()


@st.cache_resource(show_spinner=False)
def _all() -> tuple[dict[Hashable, Work], threading.Lock]:
    return {}, threading.Lock()


def find(key: Hashable) -> Work | None:
    """The work with this key, going on or ended."""
    return _all()[0].get(key)


def forget(key: Hashable) -> None:
    """Take an ended work off the list."""
    _all()[0].pop(key, None)


def start(key: Hashable, working: Working, ended: tuple[type[Exception], ...]) -> Work:
    """Start work unless it goes on already.

    Args:
        key: what it is.
        working: does it; its result is expected to be kept where the page finds it.
        ended: exceptions that mean it was called off.
    """
    works, lock = _all()
    with lock:
        known = works.get(key)
        if known is not None and known.alive:
            return known
        work = Work()

        def report(share: float, text: str) -> None:
            work.share, work.text = share, text

        def run() -> None:
            try:
                working(report, work.called_off.is_set)
            except ended:
                work.problem = "Cancelled; nothing was kept."
            except UserError as error:
                work.problem = str(error)
            except Exception as error:
                # A thread would end without a word on any screen.
                work.crash = error

        work.thread = threading.Thread(target=run, name="long-work", daemon=True)
        works[key] = work
        work.thread.start()
        return work


def stopping(
    report: Callable[[float, str], None], called_off: Callable[[], bool]
) -> Callable[[float, str], None]:
    """A progress callback that ends the work that calls it once it was cancelled.

    For functions that know of progress, but not of being called off.
    """

    def tell(share: float, text: str) -> None:
        if called_off():
            raise CalledOff
        report(share, text)

    return tell


def under_way(key: Hashable, button: str) -> bool:
    """Show work that goes on; of ended work say why it has no result.

    Args:
        key: of the work.
        button: key of the button that ends it.

    Returns:
        Whether it goes on.

    Raises:
        Exception: whatever ended the work that is neither a cancellation nor a `UserError`.
    """
    work = find(key)
    if work is None:
        return False
    if work.alive:
        _watch(key, button)
        return True
    if work.crash is not None:
        forget(key)
        raise work.crash
    if work.problem:
        tell = st.info if work.called_off.is_set() else st.error
        tell(words.plain(work.problem), icon=":material/info:")
    return False


@st.fragment(run_every=1.0)
def _watch(key: Hashable, button: str) -> None:
    """How far the work is, and a button that ends it; the page is drawn anew when it ends."""
    work = find(key)
    if work is None or not work.alive:
        st.rerun()
    ending = work.called_off.is_set()
    st.progress(min(max(work.share, 0.0), 1.0), words.plain("Cancelling" if ending else work.text))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Cancel",
            icon=":material/cancel:",
            key=button,
            disabled=ending,
            on_click=work.called_off.set,
            help="Nothing is kept.",
        )
        st.caption("It goes on when you leave the page.", width="content")
