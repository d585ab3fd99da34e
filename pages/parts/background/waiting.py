"""A progress bar for work that reports its progress; it disappears when the work is done."""

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
    """Show a bar while the block runs. The work ends with the page, so it should take only seconds."""
    place = st.empty()
    bar = place.progress(0.0, formatting.plain(text))

    def report(share: float, sentence: str) -> None:
        bar.progress(min(max(share, 0.0), 1.0), formatting.plain(sentence))

    try:
        yield report
    finally:
        place.empty()


def is_known(key: Hashable) -> bool:
    """Whether `result_of` has the result, or would join running work."""
    return loaders.is_cached(key) or long_work.is_alive(key)


def result_of(
    key: Hashable, text: str, make: Callable[[Report], Result], *, stop: str | None = None, most: int = 32
) -> Result:
    """Return the result of slow work, cached by its key, and show a bar until it is there.

    The work continues when the person leaves the page. Anyone who asks for the same result
    meanwhile, in this or another browser, waits for the same work.

    Args:
        key: everything that the result depends on.
        text: shown until the work first reports its progress.
        make: does the work, in a separate thread where nothing can be drawn; `loaders` can be used there.
        stop: key of a button that cancels the work; no button when missing.
        most: how many results are cached, of all kinds together.

    Raises:
        UserError: the work raised one, or was cancelled.
    """

    def remembering(report: Report) -> Result:
        return loaders.cached(key, lambda: make(report), most)

    if loaders.is_cached(key):
        return remembering(lambda share, text: None)
    return stay_with(key, text, remembering, stop=stop)


def stay_with(
    key: Hashable, text: str, make: Callable[[Report], Result], *, stop: str | None = None
) -> Result:
    """Like `result_of`, but the result is not cached: only those who wait for it receive it."""
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
