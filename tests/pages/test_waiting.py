"""Work that outlives its page: begun once, joined by whoever asks, and told about when it fails."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from bcc.errors import UserError
from pages.parts.background import long_work, waiting


class Slow:
    """Work that ends when the test lets it."""

    def __init__(self, result: Any = 42) -> None:
        self.begun = 0
        self.result = result
        self.go_on = threading.Event()

    def __call__(self, report: Callable[[float, str], None]) -> Any:
        self.begun += 1
        while not self.go_on.wait(0.01):
            report(0.5, "Half")
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


def ask(slow: Slow) -> Any:
    """The result, as a page asks for it."""
    return waiting.result_of(("slow", 1), "Working", slow)


def begin(slow: Slow) -> long_work.Work:
    """Somebody asks and leaves the page at once."""
    begun = threading.Event()

    def page() -> None:
        begun.set()
        with contextlib.suppress(UserError):
            ask(slow)

    threading.Thread(target=page, daemon=True).start()
    begun.wait()
    while (work := long_work.find(("slow", 1))) is None:
        pass
    return work


def test_two_who_ask_wait_for_the_same_work() -> None:
    slow = Slow()
    work = begin(slow)
    assert waiting.is_known(("slow", 1))
    slow.go_on.set()
    assert ask(slow) == 42
    assert slow.begun == 1
    assert work.thread is not None
    work.thread.join()
    # Kept from then on.
    assert ask(slow) == 42
    assert slow.begun == 1


@pytest.mark.parametrize("problem", [UserError("The disk is full."), RuntimeError("a bug")])
def test_what_went_wrong_is_told_and_can_be_tried_again(problem: Exception) -> None:
    slow = Slow(problem)
    slow.go_on.set()
    with pytest.raises(type(problem), match=str(problem)):
        ask(slow)
    slow.result = 7
    assert ask(slow) == 7


def test_work_that_was_called_off_keeps_nothing() -> None:
    slow = Slow()
    work = begin(slow)
    work.called_off.set()
    assert not waiting.is_known(("slow", 1))
    assert work.thread is not None
    work.thread.join()
    slow.go_on.set()
    assert ask(slow) == 42
    assert slow.begun == 2


def test_a_bar_is_shown_until_it_is_done() -> None:
    def page() -> None:
        import time

        import streamlit as st

        from pages.parts.background import waiting

        def work(report):  # type: ignore[no-untyped-def]
            for share in range(8):
                report(share / 8, "Under way")
                time.sleep(0.05)
            return "done"

        st.write(waiting.result_of("bar", "Working", work))

    app = AppTest.from_function(page, default_timeout=60).run()
    assert app.markdown[0].value == "done"
    assert not app.get("progress")


def test_outcomes_of_long_ago_are_dropped() -> None:
    for number in range(60):
        work = long_work.start(("many", number), lambda report, called_off: "x" * 1000)
        assert work.thread is not None
        work.thread.join()
    assert len(long_work.keys("many")) < 40
