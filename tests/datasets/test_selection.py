"""Which rows are left out: decided, kept on disk, compared."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bcc.datasets import (
    Dataset,
    Selection,
    delete_selection,
    export_npz,
    import_selection,
    load,
    open_selection,
    saved_selections,
)
from bcc.datasets.selection import find_selection, selection_path
from bcc.errors import UserError
from bcc.paths import data_folder
from bcc.trash import take_back


@pytest.fixture
def dataset(tiny_npz: Callable[..., Path]) -> Dataset:
    return load(tiny_npz(rows=24, size=16, classes=4))


@pytest.fixture
def other(tiny_npz: Callable[..., Path]) -> Dataset:
    return load(tiny_npz(rows=24, size=16, classes=4, seed=9))


def test_deciding_makes_a_new_selection_and_leaves_the_old_one(dataset: Dataset) -> None:
    nothing = Selection.of(dataset)
    some = nothing.leave_out([3, 1], "blurred")
    assert nothing.left_out.tolist() == []
    assert some.left_out.tolist() == [1, 3]
    keep = some.apply(dataset)
    assert keep.dtype == bool
    assert np.flatnonzero(~keep).tolist() == [1, 3]


def test_the_last_decision_counts_and_can_be_forgotten(dataset: Dataset) -> None:
    selection = Selection.of(dataset).leave_out([1, 2], "dark").keep([2], "looks fine")
    assert selection.left_out.tolist() == [1]
    assert selection.decisions[2].reason == "looks fine"
    assert selection.forget([1]).left_out.tolist() == []


def test_a_saved_selection_keeps_reason_and_time_per_row(dataset: Dataset) -> None:
    when = "2024-05-01T10:00:00+00:00"
    saved = Selection.of(dataset).leave_out([4], "text", when).leave_out([7], "dark").save("first look")
    again = open_selection(dataset, "first look")
    assert again == saved
    assert again.decisions[4].when == when
    assert again.decisions[7].reason == "dark"
    assert (data_folder() / "selections" / dataset.fingerprint / "first look.json").is_file()
    assert saved_selections(dataset) == ["first look"]


def test_a_large_selection_is_small_on_disk(dataset: Dataset, tmp_path: Path) -> None:
    many = Selection(dataset.fingerprint, "large", 20_000).leave_out(range(10_000), "composite")
    many.export(tmp_path / "many.json")
    assert (tmp_path / "many.json").stat().st_size < 200_000


def test_export_and_import_go_anywhere(dataset: Dataset, tmp_path: Path) -> None:
    selection = Selection.of(dataset).leave_out([0, 5], "exact duplicate")
    selection.export(tmp_path / "mine.json")
    assert import_selection(dataset, tmp_path / "mine.json").left_out.tolist() == [0, 5]


def test_two_selections_are_compared_row_by_row(dataset: Dataset, other: Dataset) -> None:
    first = Selection.of(dataset).leave_out([1, 2], "x")
    second = Selection.of(dataset).leave_out([2, 3], "y")
    difference = first.compare(second)
    assert difference.only_first.tolist() == [1]
    assert difference.only_second.tolist() == [3]
    assert difference.both.tolist() == [2]
    with pytest.raises(UserError, match="different datasets"):
        first.compare(Selection.of(other))


def test_another_sets_selection_is_refused_in_a_sentence(
    dataset: Dataset, other: Dataset, tmp_path: Path
) -> None:
    selection = Selection.of(dataset).leave_out([1], "x")
    with pytest.raises(UserError, match=f"{dataset.fingerprint}.*{other.fingerprint}"):
        selection.apply(other)
    selection.export(tmp_path / "theirs.json")
    with pytest.raises(UserError, match=r"'theirs\.json' belongs to"):
        import_selection(other, tmp_path / "theirs.json")


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"decisions": 3}', '{"decisions": [{"rows": [1]}]}', "\x00"]
)
def test_a_damaged_file_is_refused_in_a_sentence(dataset: Dataset, tmp_path: Path, content: str) -> None:
    path = tmp_path / "bad.json"
    path.write_text(content)
    with pytest.raises(UserError, match=r"'bad\.json'"):
        import_selection(dataset, path)


def test_rows_that_the_set_does_not_have_are_refused(dataset: Dataset, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no row 24"):
        Selection.of(dataset).leave_out([24], "x")
    content = Selection.of(dataset).leave_out([1], "x").to_dict()
    content["decisions"][0]["rows"] = [99]
    (tmp_path / "far.json").write_text(json.dumps(content))
    with pytest.raises(UserError, match="rows that"):
        import_selection(dataset, tmp_path / "far.json")


@pytest.mark.parametrize("name", ["", "../up", "a/b", ".hidden", "end.", "x" * 90])
def test_a_name_that_is_no_file_name_is_refused(dataset: Dataset, name: str) -> None:
    with pytest.raises(UserError, match="cannot be named"):
        Selection.of(dataset).save(name)


def test_a_selection_that_is_not_there_is_named(dataset: Dataset) -> None:
    with pytest.raises(UserError, match="no selection 'mine'"):
        open_selection(dataset, "mine")
    Selection.of(dataset).leave_out([3], "x").save("mine")
    deleted = delete_selection(dataset, "mine")
    assert saved_selections(dataset) == []
    assert deleted is not None
    take_back(deleted)
    assert open_selection(dataset, "mine").left_out.tolist() == [3]
    assert delete_selection(dataset, "nothing") is None


@pytest.mark.parametrize(
    ("field", "value"),
    [("left_out", "false"), ("left_out", 1), ("left_out", None), ("rows", [1.7]), ("rows", [float("inf")]),
     ("rows", ["3"]), ("rows", [True]), ("rows", [-1]), ("rows", [10**30]), ("rows", 3), ("rows", [[1]]),
     ("reason", 3), ("when", None)],
)  # fmt: skip
def test_nothing_in_a_file_is_taken_for_something_like_it(
    dataset: Dataset, tmp_path: Path, field: str, value: object
) -> None:
    content = Selection.of(dataset).leave_out([1], "x").to_dict()
    content["decisions"][0][field] = value
    (tmp_path / "odd.json").write_text(json.dumps(content))
    with pytest.raises(UserError, match=r"'odd\.json' is no selection, or damaged"):
        import_selection(dataset, tmp_path / "odd.json")


def test_a_newer_format_is_refused_and_none_is_read(dataset: Dataset, tmp_path: Path) -> None:
    content = Selection.of(dataset).leave_out([1], "x").to_dict()
    for version, sentence in ((99, "of format 99"), (0, "damaged"), ("1", "damaged"), (1.0, "damaged")):
        (tmp_path / "new.json").write_text(json.dumps({**content, "format": version}))
        with pytest.raises(UserError, match=sentence):
            import_selection(dataset, tmp_path / "new.json")
    del content["format"]
    (tmp_path / "old.json").write_text(json.dumps(content))
    assert import_selection(dataset, tmp_path / "old.json").left_out.tolist() == [1]


def test_names_that_are_none_are_one_sentence(dataset: Dataset, tmp_path: Path) -> None:
    for name in ("~nobody-is-called-so/x", "x" * 5000, "a\0b", "\udcff", ""):
        with pytest.raises(UserError) as caught:
            find_selection(dataset, name)
        assert len(str(caught.value)) < 500
    os.mkfifo(tmp_path / "pipe.json")
    with pytest.raises(UserError, match="no regular file"):
        import_selection(dataset, tmp_path / "pipe.json")


def test_what_cannot_be_opened_by_its_name_is_not_listed(dataset: Dataset, tmp_path: Path) -> None:
    Selection.of(dataset).save("mine")
    folder = selection_path(dataset.fingerprint, "mine").parent
    (folder / "gone.json").symlink_to(tmp_path / "nowhere")
    (folder / "bad\udcff.json").write_text("{}")
    (folder / "folder.json").mkdir()
    assert saved_selections(dataset) == ["mine"]


def test_a_full_disk_names_the_selection(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("bcc.datasets.cache.cached_datasets.os.replace", full)
    with pytest.raises(UserError, match=r"^The disk is full: the selection 'good' could not be written to '"):
        Selection.of(dataset).save("good")


def test_the_kept_rows_are_exported_and_open_again(dataset: Dataset, tmp_path: Path) -> None:
    keep = Selection.of(dataset).leave_out(range(10), "x").apply(dataset)
    assert export_npz(dataset, tmp_path / "clean.npz", keep) == 14
    clean = load(tmp_path / "clean.npz")
    assert np.array_equal(clean.images, dataset.images[10:])
    assert np.array_equal(clean.labels, dataset.labels[10:])
    assert clean.class_names == dataset.class_names


def test_the_files_own_split_and_origin_go_along(tiny_npz: Callable[..., Path], tmp_path: Path) -> None:
    split, origin = np.arange(24) % 3, np.arange(24) - 1
    dataset = load(tiny_npz(rows=24, size=16, split=split, origin=origin))
    keep = np.arange(24) % 2 == 0
    export_npz(dataset, tmp_path / "half.npz", keep)
    half = load(tmp_path / "half.npz")
    assert half.split is not None
    assert half.split.tolist() == split[keep].tolist()
    assert half.origin is not None
    assert half.origin.tolist() == origin[keep].tolist()


def test_an_export_of_nothing_or_to_nowhere_is_refused(dataset: Dataset, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="nothing to export"):
        export_npz(dataset, tmp_path / "none.npz", np.zeros(24, bool))
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be written"):
        export_npz(dataset, tmp_path / "file" / "x.npz")
    assert not list(tmp_path.glob("*.npz"))
