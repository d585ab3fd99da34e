"""Labels that a person has put right: what they change, how they are stored, and what a damaged file says."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bcc.datasets import Dataset, Selection, export_npz, import_selection, load, open_selection
from bcc.datasets.label_changes import UNKNOWN, LabelChanges, labels_sentence
from bcc.errors import UserError


@pytest.fixture
def dataset(tiny_npz: Callable[..., Path]) -> Dataset:
    return load(
        tiny_npz(rows=24, size=16, classes=4, class_names=np.array(["amber", "blue", "cyan", "dark"]))
    )


def test_a_changed_label_leaves_the_dataset_alone(dataset: Dataset) -> None:
    before = dataset.labels.copy()
    after = Selection.of(dataset).relabel(dataset, [0, 5], "dark", who="Ann", why="lobed").relabelled(dataset)
    assert dataset.labels.tolist() == before.tolist()
    assert after.labels[[0, 5]].tolist() == [3, 3]
    assert np.delete(after.labels, [0, 5]).tolist() == np.delete(before, [0, 5]).tolist()
    assert after.as_given is dataset
    assert after.fingerprint == dataset.fingerprint


def test_without_changes_the_dataset_itself_comes_back(dataset: Dataset) -> None:
    assert Selection.of(dataset).relabelled(dataset) is dataset


def test_changes_to_a_changed_dataset_begin_with_the_labels_of_the_source(dataset: Dataset) -> None:
    first = Selection.of(dataset).relabel(dataset, [0], "dark").relabelled(dataset)
    second = Selection.of(dataset).relabel(first, [1], "amber").relabelled(first)
    assert second.labels[0] == dataset.labels[0]
    assert second.as_given is dataset


def test_a_row_that_nobody_could_tell_is_left_out(dataset: Dataset) -> None:
    selection = Selection.of(dataset).relabel(dataset, [7], None, who="Ann")
    assert selection.relabelled(dataset).labels[7] == -1
    assert np.flatnonzero(~selection.apply(dataset)).tolist() == [7]
    assert selection.labels.summary(dataset)["unknown"] == 1


def test_the_history_of_a_row_keeps_every_answer(dataset: Dataset) -> None:
    selection = (
        Selection.of(dataset).relabel(dataset, [4], "blue", who="Ann").relabel(dataset, [4], None, who="Bo")
    )
    (first, second) = selection.labels.rows[4]
    assert (first.old, first.new, first.who) == (0, 1, "Ann")
    assert (second.old, second.new, second.who) == (1, UNKNOWN, "Bo")
    assert selection.own_labels([4]).relabelled(dataset) is dataset


def test_confirmed_labels_are_counted_apart_from_changed_ones(dataset: Dataset) -> None:
    selection = Selection.of(dataset).relabel(dataset, [0, 1], "amber", who="Ann")
    facts = selection.labels.summary(dataset)
    assert (facts["changed"], facts["confirmed"]) == (1, 1)
    assert facts["moves"] == [{"old": "blue", "new": "amber", "rows": 1}]
    assert selection.labels.changed_rows(dataset).tolist() == [1]
    assert labels_sentence(facts) == "1 labels changed, 1 confirmed by Ann"


def test_classes_are_added_renamed_merged_and_left_out(dataset: Dataset) -> None:
    labels = LabelChanges().add_class(dataset, "  smudge   cell ")
    assert labels.class_names(dataset) == ("amber", "blue", "cyan", "dark", "smudge cell")
    labels = labels.rename_class(dataset, "blue", "azure").merge_classes(dataset, "cyan", "azure")
    labels = labels.leave_out_class(dataset, "dark")
    assert labels.class_names(dataset) == ("amber", "azure", "smudge cell")
    selection = Selection.of(dataset).with_labels(dataset, labels).relabel(dataset, [0], "smudge cell")
    after = selection.relabelled(dataset)
    assert after.labels[:5].tolist() == [2, 1, 1, -1, 0]
    assert selection.given_labels(dataset)[:5].tolist() == [0, 1, 1, -1, 0]
    assert labels.merged_positions(dataset)[:5].tolist() == [0, 1, 1, -1, 0]
    assert labels.restore_classes(dataset).class_names(dataset) == (*dataset.class_names, "smudge cell")


def test_merging_goes_along_chains(dataset: Dataset) -> None:
    labels = LabelChanges().merge_classes(dataset, "amber", "blue").merge_classes(dataset, "blue", "dark")
    assert labels.class_names(dataset) == ("cyan", "dark")
    assert labels.labels(dataset)[:4].tolist() == [1, 1, 0, 1]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda one, data: one.add_class(data, "Blue"), "There is a class 'Blue' already"),
        (lambda one, data: one.add_class(data, " "), "A class cannot be named ''"),
        (lambda one, data: one.add_class(data, "x" * 81), "A class cannot be named"),
        (lambda one, data: one.add_class(data, "a\x00b"), "A class cannot be named"),
        (lambda one, data: one.add_class(data, "unlabelled"), "other than unlabelled"),
        (lambda one, data: one.rename_class(data, "red", "rot"), "There is no class 'red'"),
        (lambda one, data: one.merge_classes(data, "blue", "blue"), "cannot be merged with itself"),
        (lambda one, data: one.leave_out_class(data, "red"), "There is no class 'red'"),
    ],
)
def test_classes_that_cannot_be_are_refused(
    dataset: Dataset, change: Callable[[LabelChanges, Dataset], LabelChanges], said: str
) -> None:
    with pytest.raises(UserError, match=said):
        change(LabelChanges(), dataset)


def test_rows_and_classes_that_do_not_exist_are_refused(dataset: Dataset) -> None:
    with pytest.raises(UserError, match="There is no row 24"):
        Selection.of(dataset).relabel(dataset, [24], "blue")
    with pytest.raises(UserError, match=r"There is no class 'red' in .* add it first"):
        Selection.of(dataset).relabel(dataset, [0], "red")


def test_saved_changes_come_back_whole(dataset: Dataset) -> None:
    labels = LabelChanges().add_class(dataset, "smudge cell").rename_class(dataset, "blue", "azure")
    made = (
        Selection.of(dataset)
        .leave_out([2], "dark")
        .with_labels(dataset, labels)
        .relabel(dataset, [3, 9], "smudge cell", who="Ann", why="broken")
        .relabel(dataset, [9], None, who="Bo")
    )
    saved = made.save("second look")
    assert open_selection(dataset, "second look") == saved


def test_a_selection_without_labels_keeps_the_format_that_earlier_versions_read(
    dataset: Dataset, tmp_path: Path
) -> None:
    Selection.of(dataset).leave_out([1], "dark").export(tmp_path / "plain.json")
    assert json.loads((tmp_path / "plain.json").read_bytes())["format"] == 1
    Selection.of(dataset).relabel(dataset, [1], "dark").export(tmp_path / "labels.json")
    content = json.loads((tmp_path / "labels.json").read_bytes())
    assert content["format"] == 2
    assert content["labels"]["changes"][0]["old"] == "blue"
    assert content["labels"]["changes"][0]["new"] == "dark"


def test_changes_still_mean_their_class_when_it_is_called_otherwise(dataset: Dataset, tmp_path: Path) -> None:
    Selection.of(dataset).relabel(dataset, [0], "dark").export(tmp_path / "one.json")
    renamed = dataset.named(("a", "b", "c", "d"))
    after = import_selection(renamed, tmp_path / "one.json").relabelled(renamed)
    assert after.class_names[after.labels[0]] == "d"


@pytest.mark.parametrize(
    "damage",
    [
        {"classes": ["amber"]},
        {"left_out": [17]},
        {"merged": {"0": 17}},
        {"merged": {"0": 1, "1": 2}},
        {"renamed": {"-1": "x"}},
        {"renamed": {"x": "y"}},
        {"changes": [{"positions": [0, 9], "when": "", "rows": [1]}]},
        {"changes": [{"positions": [0, 1], "when": "", "rows": [24]}]},
    ],
)
def test_labels_that_do_not_fit_are_refused_in_one_sentence(
    dataset: Dataset, tmp_path: Path, damage: dict[str, object]
) -> None:
    path = tmp_path / "one.json"
    Selection.of(dataset).relabel(dataset, [0], "dark").export(path)
    content = json.loads(path.read_bytes())
    content["labels"].update(damage)
    path.write_text(json.dumps(content))
    with pytest.raises(UserError, match=r"The labels in 'one\.json' do not fit"):
        import_selection(dataset, path)


def test_an_export_has_the_changed_labels(dataset: Dataset, tmp_path: Path) -> None:
    labels = LabelChanges().add_class(dataset, "smudge cell")
    selection = Selection.of(dataset).with_labels(dataset, labels).relabel(dataset, [0], "smudge cell")
    selection = selection.relabel(dataset, [1], None)
    export_npz(selection.relabelled(dataset), tmp_path / "out.npz", selection.apply(dataset))
    again = load(tmp_path / "out.npz")
    assert len(again) == 23
    assert again.class_names[again.labels[0]] == "smudge cell"


@given(
    steps=st.lists(
        st.tuples(st.lists(st.integers(0, 23), max_size=6), st.sampled_from(["a", "b", "c", None])),
        max_size=8,
    )
)
def test_the_last_answer_counts_whatever_came_before(
    tiny: Dataset, steps: list[tuple[list[int], str | None]]
) -> None:
    selection, expected = Selection.of(tiny), tiny.labels.tolist()
    for rows, new in steps:
        selection = selection.relabel(tiny, rows, new)
        for row in rows:
            expected[row] = -1 if new is None else "abc".index(new)
    assert selection.labels.labels(tiny).tolist() == expected
    changed = {row for row, label in enumerate(expected) if label != tiny.labels[row]}
    assert set(selection.labels.changed_rows(tiny).tolist()) == changed


@pytest.fixture(scope="module")
def tiny(tiny_npz: Callable[..., Path]) -> Dataset:
    return load(tiny_npz(rows=24, size=16, classes=3, class_names=np.array(["a", "b", "c"])))
