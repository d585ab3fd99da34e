"""A run on a selection with changed labels: it learns them, is scored on them, and says what they changed."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from bcc.datasets import Preprocessing, Selection, load
from bcc.evaluation import evaluate
from bcc.evaluation.predictions.sample_predictions import of_split
from bcc.evaluation.reports.html_report import report
from bcc.evaluation.rows import choose_rows
from bcc.evaluation.run_dataset import own_data
from bcc.runs import Run
from bcc.training import TrainConfig
from bcc.training.train import start


def config(source: Path, selection: str, **more: object) -> TrainConfig:
    return TrainConfig(
        data={
            "source": str(source),
            "train": 0.6,
            "validation": 0.2,
            "test": 0.2,
            "selection": selection,
            **more,
        },
        image_size=32,
        layer_scale=0.1,
        batch_size=16,
        epochs=1,
    )


@pytest.fixture(scope="module")
def run(_session_folders: None, learned_npz: Path) -> Run:
    dataset = load(learned_npz)
    selection = Selection.of(dataset)
    selection = selection.with_labels(dataset, selection.labels.merge_classes(dataset, "cyan", "blue"))
    # Every other amber cell is called dark; two that nobody can tell.
    amber = np.flatnonzero(dataset.labels == 0)
    selection = selection.relabel(dataset, amber[::2], "dark", who="Ann", why="darker")
    selection = selection.relabel(dataset, [1, 2], None, who="Ann")
    selection.save("relabelled")
    return start(config(learned_npz, "relabelled"), Path(os.environ["BCC_RUNS"]) / "relabelled")


@pytest.mark.session_folders
class TestRun:
    def test_it_knows_the_classes_that_remain(self, run: Run) -> None:
        assert run.class_names == ("amber", "blue", "dark")
        info = run.read_json(run.dataset)
        assert info["labels"]["changed"] == 8
        assert info["labels"]["unknown"] == 2
        assert info["labels"]["classes"] == ["'cyan' merged into 'blue'"]

    def test_its_predictions_carry_the_changed_labels(self, run: Run) -> None:
        dataset = own_data(run)
        predictions = run.read_predictions()
        assert np.array_equal(predictions.labels, dataset.labels[predictions.rows])
        split, _ = run.read_split()
        assert split[[1, 2]].tolist() == [-1, -1]

    def test_scores_before_and_after_stand_side_by_side(self, run: Run) -> None:
        scores = run.read_json(run.metrics)
        said = " ".join(of_split(run, "test").notes)
        changed = scores["labels_as_given"]["test"]["changed"]
        assert 0 < changed <= 8
        assert f"The labels of {changed} of these test images were changed by a person" in said
        assert f"{scores['labels_as_given']['test']['accuracy']:.2%}" in said
        assert "were changed by a person" in report(run)

    def test_scoring_it_again_obeys_the_same_labels(self, run: Run, learned_npz: Path) -> None:
        raw = load(learned_npz)
        chosen = choose_rows(run, raw, "all")
        assert not set(chosen.rows) & {1, 2}
        assert any("2 rows have no label" in note for note in chosen.notes)
        assert evaluate(run, raw)["accuracy"] == pytest.approx(run.read_json(run.metrics)["test"]["accuracy"])

    def test_the_log_says_what_was_changed(self, run: Run) -> None:
        assert '8 labels changed, 2 answered "I don\'t know" and left out by Ann' in run.log.read_text()


def test_a_set_without_labels_is_trained_on_what_is_confirmed(tiny_npz: object, tmp_path: Path) -> None:
    import cv2

    source = load(tiny_npz(rows=60, classes=3, class_names=np.array(["a", "b", "c"])))  # type: ignore[operator]
    for row in range(60):
        path = tmp_path / "cells" / f"{row:03d}.png"
        path.parent.mkdir(exist_ok=True)
        cv2.imwrite(str(path), np.asarray(source.images[row])[..., ::-1])
    flat = load(tmp_path / "cells", preprocessing="none")
    selection = Selection.of(flat)
    for label, name in enumerate("abc"):
        rows = np.flatnonzero(source.labels == label)[:12]
        labels = selection.labels.add_class(flat, name)
        selection = selection.with_labels(flat, labels).relabel(flat, rows, name)
    selection.save("confirmed")
    run = start(
        config(tmp_path / "cells", "confirmed", preprocessing=Preprocessing.parse("none")), tmp_path / "run"
    )
    assert run.class_names == ("a", "b", "c")
    split, _ = run.read_split()
    assert int((split >= 0).sum()) == 36


def test_no_patient_is_on_two_sides(tiny_npz: object, tmp_path: Path) -> None:
    from bcc.errors import UserError
    from bcc.training import DataOptions
    from bcc.training.inputs.rows import divide

    patients = np.array([f"p{row // 8}" for row in range(160)])
    own = np.zeros(160, np.int64)
    own[::3] = 2
    whole = load(tiny_npz(patient=patients, path=tmp_path / "a.npz"))  # type: ignore[operator]
    assert set(whole.columns) == {"patient"}
    rows = divide(whole, DataOptions(group="patient"), 0)
    pairs = {
        (patient, side) for patient, side in zip(patients, rows.split.tolist(), strict=True) if side >= 0
    }
    assert len(pairs) == len({patient for patient, _ in pairs})
    assert {side for _, side in pairs} == {0, 1, 2}
    parted = load(tiny_npz(patient=patients, split=own, path=tmp_path / "b.npz"))  # type: ignore[operator]
    with pytest.raises(UserError, match="has 20 groups of the column 'patient' on more than one side"):
        divide(parted, DataOptions(group="patient"), 0)
    with pytest.raises(UserError, match="has no column 'slide': it has patient"):
        divide(whole, DataOptions(group="slide"), 0)


def test_images_that_a_table_does_not_name_are_no_class_of_their_own(
    tiny_npz: object, tmp_path: Path
) -> None:
    import cv2

    from bcc.augment.copy_plan import plan_copies
    from bcc.errors import UserError
    from bcc.training import DataOptions
    from bcc.training.inputs.rows import divide

    source = load(tiny_npz(rows=60, classes=2))  # type: ignore[operator]
    folder = tmp_path / "cells"
    folder.mkdir()
    for row in range(60):
        cv2.imwrite(str(folder / f"{row:03d}.png"), np.asarray(source.images[row])[..., ::-1])
    lines = [f"{row:03d}.png,{'ab'[source.labels[row]]}" for row in range(40)]
    (folder / "labels.csv").write_text("\n".join(["file,label", *lines]))
    dataset = load(folder, preprocessing="none")
    assert dataset.class_names == ("a", "b", "unlabelled")
    rows = divide(dataset, DataOptions(), 0)
    assert int((rows.split >= 0).sum()) == 40
    assert rows.sentence().endswith("; 20 without a label")
    assert set(plan_copies(dataset, per_class=20).rows.tolist()) <= set(
        np.flatnonzero(dataset.labels < 2).tolist()
    )
    run = start(
        TrainConfig(
            data={"source": str(folder), "preprocessing": Preprocessing.parse("none")},
            image_size=32, layer_scale=0.1, batch_size=16, epochs=1,
        ),
        tmp_path / "run",
    )  # fmt: skip
    assert run.class_names == ("a", "b")
    assert any("20 rows have no label" in note for note in choose_rows(run, dataset, "all").notes)
    flat = load(folder, preprocessing="none", layout="unlabelled")
    with pytest.raises(UserError, match="have no labels to score run 'run' by"):
        choose_rows(run, flat)
