"""Spaced repetition: right answers let a cell rest longer, a wrong one starts again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bcc.practice.answers import Answer
from bcc.practice.repetition import REST, due, due_times

START = datetime(2026, 3, 1, tzinfo=UTC)


def history(rights: list[bool]) -> list[Answer]:
    return [
        Answer(
            when=(START + timedelta(days=place)).isoformat(),
            data="d",
            row=1,
            truth="a",
            answer="a" if right else "b",
        )
        for place, right in enumerate(rights)
    ]


def test_each_right_answer_doubles_the_patience() -> None:
    for count in range(len(REST)):
        last = START + timedelta(days=count)
        assert due_times(history([False, *[True] * count])) == {("d", 1): last + REST[count]}


def test_a_cell_that_was_never_wrong_is_in_no_box() -> None:
    assert due_times(history([True, True])) == {}


def test_a_learned_cell_leaves() -> None:
    assert due_times(history([False, *[True] * len(REST)])) == {}


def test_answers_without_a_time_are_ignored() -> None:
    odd = [
        one.model_copy(update={"when": text})
        for one, text in zip(history([False] * 2), ["", "soon"], strict=True)
    ]
    assert due_times(odd) == {}


@given(st.lists(st.booleans(), max_size=12))
def test_the_last_wrong_answer_decides_the_box(rights: list[bool]) -> None:
    times = due_times(history(rights))
    if False not in rights:
        assert times == {}
        return
    since = len(rights) - 1 - rights[::-1].index(False)
    box = len(rights) - 1 - since
    if box >= len(REST):
        assert times == {}
    else:
        when = START + timedelta(days=len(rights) - 1) + REST[box]
        assert times == {("d", 1): when}
        assert due(history(rights), when) == [("d", 1)]
        assert due(history(rights), when - timedelta(seconds=1)) == []
