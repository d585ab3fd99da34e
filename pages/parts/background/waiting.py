"""A progress bar for work that tells how far it is, gone when the work is done."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import streamlit as st

from bcc.errors import UserError
from pages.parts.background import long_work
from pages.parts.background.long_work import Report
from pages.parts.state import loaders
from pages.parts.text import formatting

Result = TypeVar("Result")

__all__ = ["Report", "is_known", "progress", "result_of", "stay_with"]
_LOOK_EVERY = 0.2


@contextmanager
def progress(text: str) -> Iterator[Report]:
    """Show a bar while the block works, which ends with the page: for work of a few seconds."""
    place = st.empty()
    bar = place.progress(0.0, formatting.plain(text))

    def report(share: float, sentence: str) -> None:
        bar.progress(min(max(share, 0.0), 1.0), formatting.plain(sentence))

    try:
        yield report
    finally:
        place.empty()


def is_known(key: Hashable) -> bool:
    """Whether `result_of` has the result, or would join work that goes on."""
    return loaders.is_cached(key) or long_work.is_alive(key)


def result_of(
    key: Hashable, text: str, make: Callable[[Report], Result], *, stop: str | None = None, most: int = 32
) -> Result:
    """The result of slow work, kept by its key, with a bar while it is awaited.

    It goes on when the person leaves the page; whoever asks for the same meanwhile, this person again or
    another browser, waits for the same work.

    Args:
        key: all that the result depends on.
        text: what is shown before the work says how far it is.
        make: the work. It runs in a thread of its own, where nothing can be drawn; `loaders` work there.
        stop: key of a button that calls the work off, where there shall be one.
        most: results that are kept, of all kinds together.

    Raises:
        UserError: the work ended so, or was called off.
    """

    def remembering(report: Report) -> Result:
        return loaders.cached(key, lambda: make(report), most)

    if loaders.is_cached(key):
        return remembering(lambda share, text: None)
    return stay_with(key, text, remembering, stop=stop)


def stay_with(
    key: Hashable, text: str, make: Callable[[Report], Result], *, stop: str | None = None
) -> Result:
    """Like `result_of`, but the result is given to those who wait for it, and then forgotten."""
    work = long_work.start(key, lambda report, called_off: make(long_work.stopping(report, called_off)))
    assert work.thread is not None
    work.thread.join(_LOOK_EVERY)
    place = st.empty()
    if work.alive:
        with place.container():
            bar = st.progress(0.0, formatting.plain(text))
            if stop is not None:
                st.button("Stop", icon=":material/stop:", key=stop, on_click=work.called_off.set)
        while work.alive:
            bar.progress(min(max(work.share, 0.0), 1.0), formatting.plain(work.text or text))
            work.thread.join(_LOOK_EVERY)
    place.empty()
    long_work.forget(key, work)
    if work.crash is not None:
        raise work.crash
    if work.problem:
        raise UserError(work.problem)
    result: Result = work.result
    return result
