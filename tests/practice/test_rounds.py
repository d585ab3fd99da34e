"""Which cells a round asks for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from bcc.datasets import Dataset, Selection, load
from bcc.errors import UserError
from bcc.practice.answers import Answer
from bcc.practice.rounds import BLOOD_SHARES, Question, RoundOptions, draw_round, pool_of, repeated_later

NOW = datetime(2026, 1, 10, tzinfo=UTC)


def test_even_rounds_have_every_class_equally_often(cells: Dataset) -> None:
    questions = draw_round(RoundOptions(length=20), [pool_of(cells)], seed=3)
    assert Counter(one.truth for one in questions) == dict.fromkeys(cells.class_names, 5)
    assert len({one.row for one in questions}) == 20
    for one in questions:
        assert cells.class_names[cells.labels[one.row]] == one.truth


def test_the_seed_decides_cells_and_order(cells: Dataset) -> None:
    pool = [pool_of(cells)]
    first = draw_round(RoundOptions(), pool, seed=1)
    assert first == draw_round(RoundOptions(), pool, seed=1)
    assert first != draw_round(RoundOptions(), pool, seed=2)
    # Not class by class, which would give the answers away.
    assert len({one.truth for one in first[:6]}) > 1


def test_blood_has_its_own_shares_and_no_platelets(cells: Dataset) -> None:
    pool = [pool_of(cells)]
    counts = Counter(
        one.truth
        for seed in range(30)
        for one in draw_round(RoundOptions(mix="blood", length=20), pool, seed=seed)
    )
    assert set(counts) == {"neutrophil", "lymphocyte"}
    expected = BLOOD_SHARES["neutrophil"] / (BLOOD_SHARES["neutrophil"] + BLOOD_SHARES["lymphocyte"])
    assert counts["neutrophil"] / counts.total() == pytest.approx(expected, abs=0.06)


def test_a_round_ends_where_the_cells_do(cells: Dataset) -> None:
    questions = draw_round(RoundOptions(length=100), [pool_of(cells)], seed=0, only=["smudge"])
    assert {one.truth for one in questions} == {"smudge"}
    assert len(questions) == 30


def test_changed_labels_count_and_left_out_cells_do_not(cells: Dataset) -> None:
    selection = Selection.of(cells).leave_out(range(60), "test").relabel(cells, [60, 61, 62], "smudge")
    selection = selection.relabel(cells, [63], None)
    pool = pool_of(cells, selection)
    assert pool.rows.min() == 60
    assert 63 not in pool.rows
    assert [pool.truth(row) for row in (60, 61, 62)] == ["smudge"] * 3


def test_a_copied_image_is_asked_for_once(tiny_npz: Callable[..., Path], data_folder: Path) -> None:
    path = tiny_npz(data_folder / "twice.npz", rows=40, classes=4)
    with np.load(path) as file:
        images, labels = file["images"], file["labels"]
    np.savez(path, images=np.concatenate([images, images]), labels=np.concatenate([labels, labels]))
    assert pool_of(load(path)).rows.tolist() == list(range(40))


def test_hardest_cells_come_and_nothing_else(cells: Dataset) -> None:
    hard = np.full(len(cells), np.nan)
    hard[:100] = np.arange(100) / 100
    options = RoundOptions(mix="confused", length=20)
    rows = {
        one.row for one in draw_round(options, [pool_of(cells)], seed=0, hardness={cells.fingerprint: hard})
    }
    assert rows <= set(range(20, 100))
    with pytest.raises(UserError, match="Nothing is known"):
        draw_round(options, [pool_of(cells)], seed=0)


def test_mistakes_come_back_when_they_are_due(cells: Dataset) -> None:
    def given(row: int, right: bool, days_ago: float) -> Answer:
        truth = cells.class_names[cells.labels[row]]
        when = (NOW - timedelta(days=days_ago)).isoformat()
        return Answer(when=when, data=cells.fingerprint, row=row, truth=truth, answer=truth if right else "x")

    answers = [
        given(1, False, 5),
        given(2, False, 5),
        given(3, True, 5),
        given(2, True, 0.5),  # rests a day
        given(4, False, 2),
        given(4, True, 1.5),  # has rested its day
        given(5, False, 9).model_copy(update={"data": "another"}),
    ]
    options = RoundOptions(mix="mistakes")
    questions = draw_round(options, [pool_of(cells)], seed=0, answers=answers, at=NOW)
    assert [one.row for one in questions] == [1, 4]
    with pytest.raises(UserError, match="due now"):
        draw_round(options, [pool_of(cells)], seed=0, answers=answers[2:3], at=NOW)


def test_two_sets_give_half_each_under_one_list_of_classes(
    cells: Dataset, tiny_npz: Callable[..., Path], data_folder: Path
) -> None:
    path = tiny_npz(data_folder / "other.npz", rows=90, classes=3, seed=9)
    other = load(path, classes="Lymphocyte,Neutrophil,stranger")
    pools = [pool_of(cells), pool_of(other, like=cells.class_names)]
    assert set(pools[1].names) == {"lymphocyte", "neutrophil", ""}
    questions = draw_round(RoundOptions(length=100), pools, seed=0, only=["lymphocyte", "neutrophil"])
    share = np.mean([one.data == other.fingerprint for one in questions])
    assert 0.35 < share < 0.65
    for one in questions:
        if one.data == other.fingerprint:
            assert ("lymphocyte", "neutrophil")[other.labels[one.row]] == one.truth


def test_sets_without_a_common_class_are_refused(cells: Dataset) -> None:
    with pytest.raises(UserError, match="no name in common"):
        pool_of(cells, like=["cat", "dog"])


def test_a_wrong_cell_comes_back_once() -> None:
    questions = [Question("d", row, "a") for row in range(8)]
    after = repeated_later(questions, 1, gap=3)
    assert [one.row for one in after] == [0, 1, 2, 3, 1, 4, 5, 6, 7]
    assert after[4].again
    assert repeated_later(after, 4, gap=3) == after
    assert [one.row for one in repeated_later(questions, 7)][-2:] == [7, 7]
