"""Work that outlives the page: it goes on when the person leaves or reloads, and can be called off.

One thread for each piece of work, known by its key to every browser, so that nobody begins it a second time.
A page looks at it once a second (`under_way`), or stays with it where it cannot go on without the result
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
"""What `bcc` functions take: (share done, sentence)."""
CalledOffYet = Callable[[], bool]
"""Says whether to stop."""
Working = Callable[[Report, CalledOffYet], Any]

_MOST_ENDED = 32
"""Ended works whose outcome is kept for those who have not come back yet."""


class CalledOff(Exception):  # noqa: N818 - nothing went wrong
    """Raised inside work that was cancelled, by the callback of `stopping`."""


@dataclass
class Work:
    """One piece of work.

    Attributes:
        share, text: how far it is.
        called_off: set to end it.
        result: what it gave.
        problem: why it failed, for a person.
        crash: what rose that nobody expected; the page that looks for a result raises it again.
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
        """Whether it still goes on."""
        return self.thread is not None and self.thread.is_alive()

    @property
    def failed(self) -> bool:
        """Whether it ended without a result."""
        return bool(self.problem) or self.crash is not None


@st.cache_resource(show_spinner=False)
def _all() -> tuple[dict[Hashable, Work], threading.Lock]:
    return {}, threading.Lock()


def find(key: Hashable) -> Work | None:
    """The work with this key, going on or ended."""
    return _all()[0].get(key)


def forget(key: Hashable, only: Work | None = None) -> None:
    """Take an ended work off the list; with `only` no later work of the same key."""
    works, lock = _all()
    with lock:
        if only is None or works.get(key) is only:
            works.pop(key, None)


def is_alive(key: Hashable) -> bool:
    """Whether this work goes on, and was not called off."""
    work = find(key)
    return work is not None and work.alive and not work.called_off.is_set()


def keys(kind: str) -> list[Hashable]:
    """Keys of the works of one kind, the first part of their keys, going on or ended, oldest first."""
    works, lock = _all()
    with lock:
        return [key for key in works if isinstance(key, tuple) and key[0] == kind]


def end_all() -> None:
    """Call everything off and wait for it: for those who are about to change what work relies on."""
    for work in list(_all()[0].values()):
        work.called_off.set()
        if work.thread is not None:
            work.thread.join()


def start(key: Hashable, working: Working, ended: tuple[type[Exception], ...] = (CalledOff,)) -> Work:
    """Start work unless it goes on already.

    Args:
        key: what it is; the first part of a tuple is its kind.
        working: does it. What it gives is kept with the work until that is forgotten.
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
                work.result = working(report, work.called_off.is_set)
            except ended:
                work.problem = "Cancelled; nothing was saved."
            except UserError as error:
                work.problem = str(error)
            except Exception as error:
                # A thread would end without a word on any screen.
                work.crash = error

        ended_before = [old for old, one in works.items() if not one.alive]
        for old in ended_before[:-_MOST_ENDED]:
            del works[old]
        work.thread = threading.Thread(target=run, name="long-work", daemon=True)
        work.thread.start()
        works[key] = work
        return work


def stopping(report: Report, called_off: CalledOffYet) -> Report:
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
        tell(formatting.plain(work.problem), icon=":material/info:")
    return False


@st.fragment(run_every=1.0)
def _watch(key: Hashable, button: str) -> None:
    """How far the work is, and a button that ends it; the page is drawn anew when it ends."""
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
