"""Work that outlives its page: it continues when the person leaves or reloads, and can be cancelled.

Each piece of work runs in one thread and every browser knows it by its key, so that nobody starts it twice.
A page polls it once a second (`under_way`), or waits where it cannot continue without the result
(`pages.parts.background.waiting`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from bcc.errors import UserError
from bcc.progress import Progress
from pages.parts.text import formatting

Report = Progress
"""The progress callback of `bcc` functions: (share done, sentence)."""
CalledOffYet = Callable[[], bool]
"""Whether the work was cancelled."""
Working = Callable[[Report, CalledOffYet], Any]

_MOST_ENDED = 32
"""Finished works whose result is saved for people who have not returned yet."""


class CalledOff(Exception):  # noqa: N818 - nothing went wrong
    """Raised inside work that was cancelled, by the callback of `stopping`."""


@dataclass
class Work:
    """One piece of work.

    Attributes:
        share, text: progress, 0..1, and a sentence about it.
        called_off: set to cancel it.
        result: its return value.
        problem: why it failed, as a sentence for the person.
        crash: an unexpected exception; the page that asks for the result raises it again.
    """

    share: float = 0.0
    text: str = ""
    problem: str = ""
    crash: Exception | None = None
    called_off: threading.Event = field(default_factory=threading.Event)
    result: Any = None
    thread: threading.Thread | None = None

    @property
    def alive(self) -> bool:
        """Whether it is still running."""
        return self.thread is not None and self.thread.is_alive()

    @property
    def failed(self) -> bool:
        """Whether it ended without a result."""
        return bool(self.problem) or self.crash is not None


@st.cache_resource(show_spinner=False)
def _all() -> tuple[dict[Hashable, Work], threading.Lock]:
    return {}, threading.Lock()


def find(key: Hashable) -> Work | None:
    """Return the work with this key, running or finished."""
    return _all()[0].get(key)


def forget(key: Hashable, only: Work | None = None) -> None:
    """Remove finished work from the list; given `only`, no later work of the same key is removed."""
    works, lock = _all()
    with lock:
        if only is None or works.get(key) is only:
            works.pop(key, None)


def is_alive(key: Hashable) -> bool:
    """Whether this work is running and was not cancelled."""
    work = find(key)
    return work is not None and work.alive and not work.called_off.is_set()


def keys(kind: str) -> list[Hashable]:
    """Return the keys of all works of one kind (first part of the key), running or finished, oldest first."""
    works, lock = _all()
    with lock:
        return [key for key in works if isinstance(key, tuple) and key[0] == kind]


def end_all() -> None:
    """Cancel everything and wait until it has ended, before something that the work relies on changes."""
    for work in list(_all()[0].values()):
        work.called_off.set()
        if work.thread is not None:
            work.thread.join()


def start(key: Hashable, working: Working, ended: tuple[type[Exception], ...] = (CalledOff,)) -> Work:
    """Start work unless it is already running.

    Args:
        key: identifies the work; the first part of a tuple is its kind.
        working: does the work. Its return value is stored with the work until `forget`.
        ended: exceptions that mean that it was cancelled.
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
                work.result = working(report, work.called_off.is_set)
            except ended:
                work.problem = "Cancelled; nothing was saved."
            except UserError as error:
                work.problem = str(error)
            except Exception as error:
                # Otherwise the thread would end without a message on any screen.
                work.crash = error

        ended_before = [old for old, one in works.items() if not one.alive]
        for old in ended_before[:-_MOST_ENDED]:
            del works[old]
        work.thread = threading.Thread(target=run, name="long-work", daemon=True)
        work.thread.start()
        works[key] = work
        return work


def stopping(report: Report, called_off: CalledOffYet) -> Report:
    """Wrap a progress callback so that cancelled work ends at its next report.

    For functions that report progress but cannot be cancelled themselves.
    """

    def tell(share: float, text: str) -> None:
        if called_off():
            raise CalledOff
        report(share, text)

    return tell


def under_way(key: Hashable, button: str) -> bool:
    """Show the progress of running work, or why finished work has no result.

    Args:
        key: of the work.
        button: key of the button that ends it.

    Returns:
        Whether it is running.

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
        tell(formatting.plain(work.problem), icon=":material/info:")
    return False


@st.fragment(run_every=1.0)
def _watch(key: Hashable, button: str) -> None:
    """Show progress and a button that cancels the work; the page is redrawn when the work ends."""
    work = find(key)
    if work is None or not work.alive:
        st.rerun()
    ending = work.called_off.is_set()
    text = "Cancelling" if ending else work.text or "Beginning"
    st.progress(min(max(work.share, 0.0), 1.0), formatting.plain(text))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Cancel",
            icon=":material/cancel:",
            key=button,
            disabled=ending,
            on_click=work.called_off.set,
            help="Nothing is saved.",
        )
        st.caption("It continues when you leave the page.", width="content")
