from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bcc.datasets import Dataset, NearCopies, Preprocessing, Selection
from bcc.errors import UserError
from bcc.training import DataOptions
from bcc.training.inputs.rows import TEST, TRAIN, VALIDATION, divide, near_copies_sentence


def dataset(labels: np.ndarray, images: np.ndarray | None = None, split: np.ndarray | None = None) -> Dataset:
    """A set without pixels: `pictures` numbers which rows are identical."""
    number = len(labels)
    images = np.arange(number) if images is None else images
    return Dataset(
        images=np.zeros((number, 1, 1, 3), np.uint8),
        labels=np.asarray(labels, np.int64),
        class_names=("a", "b", "c", "d"),
        fingerprint="0" * 16,
        source="made.npz",
        preprocessing=Preprocessing(),
        row_hashes=np.stack([images, images * 0], axis=1).astype(np.uint64),
        folder=Path(),
        split=split,
    )


LABELS = np.arange(100) % 4


def test_shares_are_kept() -> None:
    rows = divide(dataset(np.arange(2000) % 4), DataOptions(), 0)
    assert [len(rows.of(side)) for side in (TRAIN, VALIDATION, TEST)] == [1600, 200, 200]
    assert rows.split.dtype == np.int8
    assert rows.sentence() == "1,600 train, 200 validation, 200 test rows"


def test_the_seed_decides_who_goes_where() -> None:
    one, again, other = (divide(dataset(LABELS), DataOptions(), seed).split for seed in (0, 0, 1))
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)


def test_copies_are_left_out_or_kept_on_one_side() -> None:
    images = np.arange(100) // 2 * 2
    whole = dataset(images // 2 % 4, images)
    rows = divide(whole, DataOptions(), 0)
    assert rows.duplicates == 50
    assert (rows.split[1::2] == -1).all()
    assert "; 50 exact duplicates left out" in rows.sentence()

    kept = divide(whole, DataOptions(drop_exact_duplicates=False), 0)
    assert kept.duplicates == 0
    assert (kept.split >= 0).all()
    np.testing.assert_array_equal(kept.split[::2], kept.split[1::2])


def test_the_files_own_split_is_used() -> None:
    own = np.repeat([0, 1, 2, -1], 25).astype(np.int8)
    np.testing.assert_array_equal(divide(dataset(LABELS, split=own), DataOptions(), 0).split, own)
    drawn = divide(dataset(LABELS, split=own), DataOptions(use_own_split=False), 0).split
    assert not np.array_equal(drawn, own)
    assert (drawn >= 0).all()


def test_a_split_without_validation_gets_some_of_its_training_rows() -> None:
    own = np.repeat([0, 2], [80, 20]).astype(np.int8)
    rows = divide(dataset(LABELS, split=own), DataOptions(train=0.6, validation=0.2, test=0.2), 0)
    np.testing.assert_array_equal(rows.of(TEST), np.arange(80, 100))
    assert len(rows.of(VALIDATION)) == 20
    assert len(rows.of(TRAIN)) == 60


def test_duplicates_are_left_out_of_the_files_own_split() -> None:
    images = np.arange(100)
    images[99] = 0
    own = np.repeat([0, 1, 2], [50, 25, 25]).astype(np.int8)
    rows = divide(dataset(LABELS, images, own), DataOptions(), 0)
    assert rows.split[99] == -1, "a test row that is also a training row would flatter the run"
    assert rows.split[0] == 0


def test_one_class_is_nothing_to_learn() -> None:
    with pytest.raises(UserError) as caught:
        divide(dataset(np.full(20, 2)), DataOptions(), 0)
    assert str(caught.value) == (
        "'made.npz' has 1 class among its training rows: training needs two or more."
    )


def test_one_class_among_the_training_rows_is_not_enough() -> None:
    own = np.where(LABELS == 0, 0, 1).astype(np.int8)
    with pytest.raises(UserError, match="has 1 class among its training rows"):
        divide(dataset(LABELS, split=own), DataOptions(), 0)


@pytest.mark.parametrize("labels", [[0, 1], [0, 0], [0]])
def test_two_rows_are_too_few(labels: list[int]) -> None:
    with pytest.raises(UserError, match=r"^'made.npz' (has \d class|leaves no validation rows)"):
        divide(dataset(np.array(labels)), DataOptions(), 0)


def test_no_validation_rows_is_a_sentence() -> None:
    own = np.repeat([0, -1], [90, 10]).astype(np.int8)
    # Two rows to divide, of two classes: none can go to the validation side.
    own[2:] = -1
    with pytest.raises(UserError, match=r"'made.npz' (leaves no validation rows \(100 rows|has \d class)"):
        divide(dataset(LABELS, split=own), DataOptions(train=0.9, validation=0.1, test=0), 0)


def test_a_selection_leaves_rows_out() -> None:
    whole = dataset(LABELS)
    Selection.of(whole).leave_out([3, 7, 50], "blurred").keep([4], "fine").save("first look")
    rows = divide(whole, DataOptions(selection="first look"), 0)
    assert (rows.split[[3, 7, 50]] == -1).all()
    assert (np.delete(rows.split, [3, 7, 50]) >= 0).all()
    assert (rows.deselected, rows.duplicates) == (3, 0)
    assert rows.sentence().endswith(" rows; 3 left out by the selection")


def test_of_two_copies_the_one_that_the_selection_keeps_stays() -> None:
    images = np.arange(100)
    images[9] = 5
    whole = dataset(LABELS, images)
    rows = divide(whole, DataOptions(), 0, Selection.of(whole).leave_out([5], "label of row 9 is right"))
    assert rows.split[5] == -1
    assert rows.split[9] >= 0
    assert (rows.deselected, rows.duplicates) == (1, 0)


def test_a_selection_also_holds_for_the_files_own_split() -> None:
    own = np.repeat([0, 1, 2], [50, 25, 25]).astype(np.int8)
    whole = dataset(LABELS, split=own)
    rows = divide(whole, DataOptions(), 0, Selection.of(whole).leave_out([0, 60, 99], "dark"))
    assert (rows.split[[0, 60, 99]] == -1).all()
    np.testing.assert_array_equal(np.delete(rows.split, [0, 60, 99]), np.delete(own, [0, 60, 99]))


def test_a_selection_by_the_path_of_its_file(tmp_path: Path) -> None:
    whole = dataset(LABELS)
    Selection.of(whole).leave_out([8], "light").export(tmp_path / "sent.json")
    rows = divide(whole, DataOptions(selection=str(tmp_path / "sent.json")), 0)
    assert rows.deselected == 1
    assert rows.split[8] == -1


def test_a_selection_of_another_set_is_refused(tmp_path: Path) -> None:
    whole = dataset(LABELS)
    replace(Selection.of(whole), fingerprint="f" * 16, source="other.npz").export(tmp_path / "sent.json")
    with pytest.raises(
        UserError, match=r"^'sent.json' belongs to the dataset other.npz \(f{16}\), not to made"
    ):
        divide(whole, DataOptions(selection=str(tmp_path / "sent.json")), 0)


def test_a_selection_that_is_not_there_names_those_that_are() -> None:
    whole = dataset(LABELS)
    with pytest.raises(UserError, match=r"There is no selection 'mine' for made.npz \(0+\): it has none"):
        divide(whole, DataOptions(selection="mine"), 0)
    Selection.of(whole).save("yours")
    with pytest.raises(UserError, match="it has yours"):
        divide(whole, DataOptions(selection="mine"), 0)


def test_a_selection_that_leaves_too_little_says_so() -> None:
    whole = dataset(LABELS)
    selection = Selection.of(whole).leave_out(np.flatnonzero(LABELS > 0), "wrong")
    with pytest.raises(UserError, match="1 class among its training rows after the selection left out 75"):
        divide(whole, DataOptions(), 0, selection)


def near(*groups: list[int]) -> NearCopies:
    rows = np.array(sorted(row for group in groups for row in group), np.int64)
    of = {row: group[0] for group in groups for row in group}
    return NearCopies(rows, np.array([of[row] for row in rows.tolist()], np.int64), "2026-01-31T14:25:00")


def test_near_copies_stay_on_one_side() -> None:
    groups = [list(range(start, start + 10)) for start in range(0, 60, 10)]
    for seed in range(5):
        rows = divide(dataset(LABELS), DataOptions(), seed, near_copies=near(*groups))
        for group in groups:
            assert len(set(rows.split[group].tolist())) == 1
        summary = rows.near_copies_summary()
        assert summary is not None
        assert (summary["test"], summary["validation"], summary["groups"]) == (0, 0, 6)


def test_near_copies_tie_groups_of_equal_images_and_of_one_origin_together() -> None:
    images = np.arange(100)
    images[50] = 3
    origin = np.full(100, -1)
    origin[[70, 71]] = 50
    whole = replace(dataset(LABELS, images), origin=origin)
    options = DataOptions(drop_exact_duplicates=False)
    for seed in range(5):
        sides = divide(whole, options, seed, near_copies=near([3, 90])).split
        assert len({int(sides[row]) for row in (3, 50, 70, 71, 90)}) == 1


def test_a_scan_that_found_nothing_changes_no_split() -> None:
    origin = np.where(np.arange(100) % 7 == 3, np.arange(100) - 1, -1)
    whole = replace(dataset(LABELS, np.arange(100) // 2), origin=origin)
    one, other = (divide(whole, DataOptions(), 3, near_copies=found).split for found in (None, near()))
    np.testing.assert_array_equal(one, other)


def test_the_files_own_split_is_kept_and_its_near_copies_counted() -> None:
    own = np.repeat([0, 1, 2], [60, 20, 20]).astype(np.int8)
    found = near([5, 85, 86], [10, 65], [90, 91])
    rows = divide(dataset(LABELS, split=own), DataOptions(), 0, near_copies=found)
    np.testing.assert_array_equal(rows.split, own)
    summary = rows.near_copies_summary()
    assert summary == {
        "scan": found.scan,
        "when": found.when,
        "groups": 3,
        "rows": 7,
        "validation": 1,
        "test": 2,
    }
    assert near_copies_sentence(summary).endswith(
        "7 rows in 3 groups; 2 test and 1 validation rows have one among the training rows"
    )


def test_validation_rows_taken_from_the_files_training_rows_have_no_near_copies_there() -> None:
    own = np.repeat([0, 2], [80, 20]).astype(np.int8)
    groups = [list(range(start, start + 8)) for start in range(0, 80, 8)]
    rows = divide(dataset(LABELS, split=own), DataOptions(), 0, near_copies=near(*groups))
    summary = rows.near_copies_summary()
    assert summary is not None
    assert len(rows.of(VALIDATION))
    assert summary["validation"] == 0


def test_a_scan_that_is_named_and_not_there_is_refused() -> None:
    with pytest.raises(UserError, match=r"There is no scan '0123456789ab' of made.npz"):
        divide(dataset(LABELS), DataOptions(scan="0123456789ab"), 0)
    assert divide(dataset(LABELS), DataOptions(scan="none"), 0).near_copies is None
