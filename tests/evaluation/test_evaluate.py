from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score

from bcc.datasets import Dataset, load
from bcc.errors import UserError
from bcc.evaluation import evaluate
from bcc.evaluation.rows import choose_rows
from bcc.models.prediction import Predictor
from bcc.models.saving import load_model
from bcc.runs import Run, write_arrays

TinyNpz = Callable[..., Path]
CLASSES = ("amber", "blue", "cyan", "dark")


@pytest.fixture
def run(finished_run_folder: Path) -> Run:
    return Run(finished_run_folder)


@pytest.fixture
def own(learned_npz: Path) -> Dataset:
    return load(learned_npz)


@pytest.fixture
def other(tiny_npz: TinyNpz, tmp_path: Path) -> Dataset:
    """30 rows that the run has never seen, of its classes in another order and one of another kind."""
    names = np.array(["dark", "violet", "amber"])
    return load(tiny_npz(tmp_path / "other.npz", rows=30, classes=3, seed=5, class_names=names))


def mixed(own: Dataset, run: Run, tiny_npz: TinyNpz, path: Path) -> Dataset:
    """Another file with 10 of the run's training images, 5 of its test images and 15 new ones."""
    sides, _ = run.read_split()
    old = np.concatenate([np.flatnonzero(sides == 0)[:10], np.flatnonzero(sides == 2)[:5]])
    with np.load(tiny_npz(rows=15, classes=4, seed=8)) as file:
        images = np.concatenate([own.images[old], file["images"]])
        labels = np.concatenate([own.labels[old], file["labels"]])
    return load(tiny_npz(path, images=images, labels=labels, class_names=np.array(CLASSES)))


def test_its_own_data_is_scored_on_the_test_split(run: Run, own: Dataset) -> None:
    chosen = choose_rows(run, own)
    sides, _ = run.read_split()
    assert chosen.split == "test"
    np.testing.assert_array_equal(chosen.rows, np.flatnonzero(sides == 2))
    np.testing.assert_array_equal(chosen.labels, own.labels[chosen.rows])
    assert (chosen.seen, chosen.left_out, chosen.unknown_class_rows, chosen.notes) == (0, False, 0, ())


def test_without_a_test_split_the_validation_split_is_scored(run: Run, own: Dataset, tmp_path: Path) -> None:
    copy = Run(shutil.copytree(run.folder, tmp_path / "copy"))
    sides, hashes = run.read_split()
    write_arrays(copy.split, split=np.where(sides == 2, -1, sides), train_hashes=hashes)
    chosen = choose_rows(copy, own)
    assert chosen.split == "validation"
    np.testing.assert_array_equal(chosen.rows, np.flatnonzero(sides == 1))
    assert "no test images" in chosen.notes[0]
    assert "also chose the best epoch" in choose_rows(run, own, "validation").notes[0]


@pytest.mark.parametrize(("choice", "side"), [("train", 0), ("validation", 1), ("test", 2)])
def test_a_split_asked_for_by_name(run: Run, own: Dataset, choice: str, side: int) -> None:
    chosen = choose_rows(run, own, choice)
    sides, _ = run.read_split()
    assert chosen.split == choice
    np.testing.assert_array_equal(chosen.rows, np.flatnonzero(sides == side))
    assert not chosen.left_out


def test_all_rows_are_all_rows_and_what_was_seen_is_told(run: Run, own: Dataset) -> None:
    chosen = choose_rows(run, own, "all")
    np.testing.assert_array_equal(chosen.rows, np.arange(64))
    assert (chosen.split, chosen.seen, chosen.left_out) == ("all", 40, False)
    assert chosen.notes == (
        "40 rows have pixels that the run was trained on; they are kept, as asked: the scores flatter the "
        "run.",
    )


def test_another_set_is_scored_whole(run: Run, other: Dataset) -> None:
    chosen = choose_rows(run, other)
    assert (chosen.split, len(chosen.rows), chosen.seen) == ("all", 30, 0)


def test_classes_that_the_run_never_saw_count_as_wrong(run: Run, other: Dataset) -> None:
    result = evaluate(run, other)
    assert result["n"] == 30
    assert result["unknown_class_rows"] == 10
    assert result["notes"] == [
        "10 rows belong to classes that the run never saw (violet) and count as wrong."
    ]
    assert "No image here is blue, cyan" in result["about_absent"]
    probabilities = Predictor(load_model(run.model))(other.images)
    called = np.array(CLASSES)[probabilities.argmax(axis=1)]
    true = np.array(other.class_names)[other.labels]
    assert result["accuracy"] == pytest.approx((called == true).mean())
    assert result["per_class"]["amber"]["support"] == 10
    assert result["per_class"]["blue"]["support"] == 0


def test_training_images_are_recognised_in_any_set(
    run: Run, own: Dataset, tiny_npz: TinyNpz, tmp_path: Path
) -> None:
    dataset = mixed(own, run, tiny_npz, tmp_path / "mixed.npz")
    assert dataset.fingerprint != own.fingerprint
    chosen = choose_rows(run, dataset)
    np.testing.assert_array_equal(chosen.rows, np.arange(10, 30))
    assert (chosen.split, chosen.seen, chosen.left_out) == ("all", 10, True)
    assert chosen.notes == ("10 rows have pixels that the run was trained on; they are left out.",)

    kept = choose_rows(run, dataset, "all")
    assert len(kept.rows) == 30
    assert (kept.seen, kept.left_out) == (10, False)


def test_training_images_in_a_test_split_of_another_file_are_left_out(
    run: Run, own: Dataset, tiny_npz: TinyNpz, tmp_path: Path
) -> None:
    dataset = mixed(own, run, tiny_npz, tmp_path / "mixed.npz")
    with_split = replace(dataset, split=np.repeat([2, 0], [20, 10]).astype(np.int8))
    chosen = choose_rows(run, with_split, "test")
    assert chosen.split == "test"
    np.testing.assert_array_equal(chosen.rows, np.arange(10, 20))


def test_nothing_but_training_images_is_refused(
    run: Run, own: Dataset, tiny_npz: TinyNpz, tmp_path: Path
) -> None:
    sides, _ = run.read_split()
    images, labels = own.images[sides == 0], own.labels[sides == 0]
    dataset = load(tiny_npz(tmp_path / "seen.npz", images=images, labels=labels))
    with pytest.raises(UserError) as caught:
        choose_rows(run, dataset)
    assert str(caught.value) == (
        "There is nothing to score in 'seen.npz' for run 'finished-run': every one of them was in its "
        "training split."
    )


def test_an_empty_split_is_refused(run: Run, other: Dataset) -> None:
    dataset = replace(other, split=np.zeros(30, np.int8))
    with pytest.raises(UserError, match=r"There is nothing to score .*: its test split is empty"):
        choose_rows(run, dataset, "test")


def test_a_split_of_a_set_that_has_none_is_refused(run: Run, other: Dataset) -> None:
    with pytest.raises(UserError, match="brings no split: leave --split away to score all rows"):
        choose_rows(run, other, "validation")


def test_no_class_in_common_is_refused(run: Run, other: Dataset) -> None:
    with pytest.raises(UserError, match="have no name in common"):
        choose_rows(run, other.named(("cat", "dog", "cow")))


def test_placeholders_are_matched_by_position_and_told(run: Run, tiny_npz: TinyNpz, tmp_path: Path) -> None:
    chosen = choose_rows(run, load(tiny_npz(tmp_path / "nameless.npz", rows=20, classes=4, seed=5)))
    np.testing.assert_array_equal(chosen.labels, np.arange(20) % 4)
    assert chosen.notes == (
        "One side has no class names of its own, so classes were matched by their order.",
    )


def test_the_result_is_what_scikit_learn_says(run: Run, own: Dataset) -> None:
    result = evaluate(run, own)
    assert set(result) >= {"accuracy", "macro_f1", "n", "per_class", "split", "unknown_class_rows"}
    predictions = run.read_predictions().of(2)
    called = predictions.probabilities.argmax(axis=1)
    assert (result["split"], result["n"], result["unknown_class_rows"]) == ("test", 12, 0)
    assert result["accuracy"] == pytest.approx(accuracy_score(predictions.labels, called))
    assert result["macro_f1"] == pytest.approx(f1_score(predictions.labels, called, average="macro"))
    assert list(result["per_class"]) == list(CLASSES)
    assert set(result["per_class"]["blue"]) == {"precision", "recall", "f1", "support"}
    assert result["data"] == {"source": "tiny.npz", "fingerprint": own.fingerprint}
    json.dumps(result, allow_nan=False)


def test_scores_agree_with_the_runs_own_metrics(run: Run, own: Dataset) -> None:
    metrics = run.read_json(run.metrics)
    for split in ("validation", "test"):
        result = evaluate(run, own, split)
        assert {key: result[key] for key in metrics[split]} == metrics[split]


@pytest.mark.parametrize("name", ["dataset.json", "split.npz", "model.keras"])
def test_a_run_without_what_it_takes_says_what_is_missing(
    run: Run, own: Dataset, tmp_path: Path, name: str
) -> None:
    copy = Run(shutil.copytree(run.folder, tmp_path / "copy"))
    (copy.folder / name).unlink()
    with pytest.raises(UserError, match=name):
        evaluate(copy, own)


def test_classes_of_a_run(run: Run, tmp_path: Path) -> None:
    assert run.class_names == CLASSES
    with pytest.raises(UserError, match="is no run directory"):
        _ = Run(tmp_path).class_names
