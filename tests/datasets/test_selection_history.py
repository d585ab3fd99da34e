"""Undo and redo: exact, small, and stored beside the selection."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bcc.datasets import Dataset, Selection, load
from bcc.datasets import selection_history as histories
from bcc.datasets.selection_history import History, Step, history_path, read_history, write_history


@pytest.fixture(scope="module")
def dataset(tiny_npz: Callable[..., Path]) -> Dataset:
    return load(tiny_npz(rows=24, size=16, classes=3, class_names=np.array(["a", "b", "c"])))


def some(dataset: Dataset, what: int, rows: list[int], before: Selection) -> Selection:
    """One of the things that a person does."""
    if what == 0:
        return before.leave_out(rows, "blurred")
    if what == 1:
        return before.keep(rows)
    if what == 2:
        return before.relabel(dataset, rows, "c", who="Ann")
    if what == 3:
        return before.forget(rows).relabel(dataset, rows, None)
    if what == 4:
        return before.own_labels(rows)
    name = f"new {len(before.labels.added)}"
    return before.with_labels(dataset, before.labels.add_class(dataset, name)).relabel(dataset, rows, name)


@given(deeds=st.lists(st.tuples(st.integers(0, 5), st.lists(st.integers(0, 23), max_size=8)), max_size=8))
def test_undoing_and_redoing_everything_gives_every_state_again(
    dataset: Dataset, deeds: list[tuple[int, list[int]]]
) -> None:
    states, history = [Selection.of(dataset)], History()
    for what, rows in deeds:
        after = some(dataset, what, rows, states[-1])
        history = history.add(Step.between(states[-1], after))
        states.append(after)
    now = states[-1]
    for before in reversed(states[:-1]):
        now, history = history.past[-1].undo(now), history.undone()
        assert (now.decisions, now.labels) == (before.decisions, before.labels)
    for after in states[1:]:
        now, history = history.future[-1].redo(now), history.redone()
        assert (now.decisions, now.labels) == (after.decisions, after.labels)


def test_a_step_undoes_only_what_it_changed(dataset: Dataset) -> None:
    nothing = Selection.of(dataset)
    mine = nothing.leave_out([1], "dark")
    step = Step.between(nothing, mine)
    with_theirs = mine.relabel(dataset, [5], "b", who="Bo")
    undone = step.undo(with_theirs)
    assert undone.left_out.tolist() == []
    assert 5 in undone.labels.rows


def test_a_history_survives_on_disk(dataset: Dataset) -> None:
    before = Selection.of(dataset)
    middle = before.with_labels(dataset, before.labels.add_class(dataset, "d").leave_out_class(dataset, "a"))
    after = middle.relabel(dataset, [3, 4], "d", who="Ann").leave_out([9], "dark")
    history = (
        History().add(Step.between(before, middle)).add(Step.between(middle, after, "blurred", 7)).undone()
    )
    write_history(dataset.fingerprint, "mine", history)
    assert read_history(dataset.fingerprint, "mine") == history
    assert read_history(dataset.fingerprint, "another") == History()


def test_a_damaged_history_is_none(dataset: Dataset) -> None:
    path = history_path(dataset.fingerprint, "mine")
    path.parent.mkdir(parents=True)
    for content in (b"", b"[1]", b'{"past": [{"at": "x"}]}', b"\xff"):
        path.write_bytes(content)
        assert read_history(dataset.fingerprint, "mine") == History()


def test_old_steps_are_forgotten_before_it_grows_large(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(histories, "MOST_STEPS", 3)
    monkeypatch.setattr(histories, "MOST_ROWS", 10)
    history, now = History(), Selection.of(dataset)
    for row in range(5):
        after = now.leave_out([row], "dark")
        history, now = history.add(Step.between(now, after)), after
    assert len(history.past) == 3
    large = now.leave_out(range(5, 15), "dark")
    assert len(history.add(Step.between(now, large)).past) == 1
