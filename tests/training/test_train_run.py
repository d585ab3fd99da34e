from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score

from bcc.datasets import SPLITS, load, mark
from bcc.errors import UserError
from bcc.evaluation import Baseline, linear_baseline
from bcc.models import ModelOptions
from bcc.models.build import build_model
from bcc.models.prediction import Predictor
from bcc.models.saving import load_model, save_model
from bcc.runs import Run, RunState, summarise, write_data_in_line, write_json
from bcc.runs.table import runs_table
from bcc.training import TrainConfig, read_config
from bcc.training.final_scores import finish
from bcc.training.inputs.rows import TEST, TRAIN, VALIDATION, Rows
from bcc.training.records.run_writer import RunWriter
from bcc.training.train import start

SmallConfig = Callable[..., TrainConfig]
TinyNpz = Callable[..., Path]


@pytest.fixture(scope="module")
def finished(finished_run_folder: Path) -> Run:
    """Only read."""
    return Run(finished_run_folder)


def test_a_run_holds_all_its_files(finished: Run, learned_npz: Path) -> None:
    names = {path.name for path in finished.folder.iterdir()}
    events = {name for name in names if name.startswith("events.out.tfevents.")}
    assert len(events) == 1
    names -= events
    # So short a run has a checkpoint on a slow machine only, and may be as well calibrated as it can be.
    assert names - {"checkpoint.npz", "calibration.json"} == {
        "config.json", "dataset.json", "split.npz", "state.json", "history.csv", "batches.csv", "log.txt",
        "model.keras", "predictions.npz", "metrics.json", "recipe.json", "recipe-validation.json",
        "watched.npz", ".lock",
    }  # fmt: skip
    assert read_config(finished.config).data.source == str(learned_npz)
    state = finished.read_state()
    assert (state.status, state.epoch, state.epochs, state.step, state.steps) == ("finished", 2, 2, 4, 4)
    assert state.seconds_left is None


@pytest.mark.usefixtures("small_network")
def test_data_that_changed_while_the_run_waited_is_said(
    tmp_path: Path, tiny_npz: TinyNpz, small_config: SmallConfig
) -> None:
    file = tiny_npz(tmp_path / "cells.npz", rows=64, classes=4)
    load(file)
    config = small_config(data={"source": str(file)}, epochs=1)
    run = Run(tmp_path / "run")
    run.folder.mkdir()
    write_json(run.config, config.model_dump(mode="json"))
    run.write_state(RunState("queued"))
    write_data_in_line(run, mark(str(file)))
    tiny_npz(file, rows=64, classes=4, seed=1)
    start(config, run.folder)
    said = "'cells.npz' has changed since the run was put in line: it trains on what is there now."
    assert run.read_state().message == said
    assert said in run.log.read_text()
    assert run.read_json(run.dataset)["changed_in_line"] == said
    assert runs_table([summarise(run)])["problem"].item() == said


def test_what_it_trained_on_is_written_down(finished: Run, learned_npz: Path) -> None:
    dataset = load(learned_npz)
    about = finished.read_json(finished.dataset)
    assert about["fingerprint"] == dataset.fingerprint
    assert about["class_names"] == list(dataset.class_names) == ["amber", "blue", "cyan", "dark"]
    assert about["picture_size"] == [32, 32]
    assert about["location"] == str(learned_npz)
    sides, hashes = finished.read_split()
    assert np.bincount(sides).tolist() == [40, 12, 12]
    np.testing.assert_array_equal(hashes, dataset.row_hashes[sides == 0])


def test_history_and_batches_have_a_row_each(finished: Run) -> None:
    history, batches = finished.read_history(), finished.read_batches()
    assert history["epoch"].tolist() == [1, 2]
    assert batches["step"].tolist() == [1, 2, 3, 4]
    assert batches["epoch"].tolist() == [1, 1, 2, 2]
    assert history["loss"].tolist() == pytest.approx(batches.groupby("epoch")["loss"].mean(), rel=1e-4)
    state = finished.read_state()
    assert state.best_validation_accuracy == pytest.approx(history["validation_accuracy"].max(), abs=1e-5)


def test_predictions_are_the_saved_models(finished: Run, learned_npz: Path) -> None:
    dataset = load(learned_npz)
    predictions = finished.read_predictions()
    sides, _ = finished.read_split()
    np.testing.assert_array_equal(predictions.rows, np.flatnonzero(sides >= 1))
    np.testing.assert_array_equal(predictions.split, sides[predictions.rows])
    np.testing.assert_array_equal(predictions.labels, dataset.labels[predictions.rows])
    again = Predictor(load_model(finished.model))(dataset.images, predictions.rows)
    np.testing.assert_allclose(predictions.probabilities, again, atol=1e-6)
    # The best epoch's weights were saved, not the last one's.
    validation = predictions.of(SPLITS.index("validation"))
    reached = (validation.probabilities.argmax(1) == validation.labels).mean()
    assert reached == pytest.approx(finished.read_history()["validation_accuracy"].max(), abs=1e-5)


def test_metrics_follow_from_the_predictions(finished: Run) -> None:
    metrics = finished.read_json(finished.metrics)
    assert set(metrics) == {"validation", "test", "final_split", "baseline"}
    assert metrics["final_split"] == metrics["baseline"]["split"] == "test"
    for name in ("validation", "test"):
        part = finished.read_predictions().of(SPLITS.index(name))
        said, called = metrics[name], part.probabilities.argmax(axis=1)
        assert said["n"] == len(part.labels) == 12
        assert said["accuracy"] == pytest.approx(accuracy_score(part.labels, called))
        assert said["macro_f1"] == pytest.approx(f1_score(part.labels, called, average="macro"))
        for score in (precision_score, recall_score, f1_score):
            per_class = score(part.labels, called, average=None, labels=range(4), zero_division=0)
            key = score.__name__.removesuffix("_score")
            found = [values[key] for values in said["per_class"].values()]
            np.testing.assert_allclose(found, per_class)


def test_the_baseline_is_scored_on_the_same_rows(finished: Run, learned_npz: Path) -> None:
    dataset = load(learned_npz)
    rows = Rows(finished.read_split()[0], 0)
    expected = linear_baseline(
        dataset.images, dataset.labels, dataset.class_names, rows.of(TRAIN), rows.of(TEST)
    )
    found = finished.read_json(finished.metrics)["baseline"]
    assert (found["n_train"], found["n_scored"]) == (40, 12)
    assert found["accuracy"] == pytest.approx(expected.accuracy)
    assert found["macro_f1"] == pytest.approx(expected.macro_f1)


@pytest.mark.parametrize("with_test", [True, False])
def test_what_counts_in_the_end(
    finished: Run, learned_npz: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, with_test: bool
) -> None:
    """The test rows, or the validation rows where there are none; the linear model gets the very same."""
    asked: list[np.ndarray] = []

    def baseline(images: np.ndarray, labels: np.ndarray, names: tuple[str, ...], *rows: np.ndarray, **_: Any):
        asked.extend(rows)
        return Baseline(0.5, 0.5, len(rows[0]), len(rows[1]), 0.1, "", [])

    monkeypatch.setattr("bcc.training.final_scores.linear_baseline", baseline)
    run = Run(shutil.copytree(finished.folder, tmp_path / "copy"))
    sides, _ = run.read_split()
    rows = Rows(sides if with_test else np.where(sides == TEST, -1, sides), 0)
    dataset = load(learned_npz)
    with RunWriter(run, RunState("running").mine()) as writer:
        finish(writer, dataset, rows, dataset.class_names, seed=0)
    metrics = run.read_json(run.metrics)
    final = "test" if with_test else "validation"
    assert metrics["final_split"] == metrics["baseline"]["split"] == final
    assert ("test" in metrics) is with_test
    np.testing.assert_array_equal(asked[0], rows.of(TRAIN))
    np.testing.assert_array_equal(asked[1], rows.of(TEST if with_test else VALIDATION))


@pytest.mark.usefixtures("small_network")
def test_it_learns(small_config: SmallConfig, tmp_path: Path) -> None:
    """With weights by class and averages, in batches larger than the set, from blobs that are easy."""
    config = small_config(
        epochs=30, batch_size=500, warmup=0.2, class_weights=True, average_weights=0.9, weight_decay=0.0,
        schedule="constant",
    )  # fmt: skip
    run = start(config, tmp_path / "run")
    history = run.read_history()
    assert run.read_batches()["step"].tolist() == list(range(1, 31))
    assert history["loss"].iloc[-5:].mean() < 0.5 * history["loss"].iloc[0]
    assert run.read_json(run.metrics)["validation"]["accuracy"] >= 0.9


@pytest.mark.usefixtures("small_network")
def test_early_stopping_and_a_frozen_backbone(small_config: SmallConfig, tmp_path: Path) -> None:
    """At a rate that changes nothing no epoch is better than the first: two more are waited for."""
    config = small_config(epochs=40, learning_rate=1e-12, patience=2, trainable_share=0.0, optimizer="lion")
    run = start(config, tmp_path / "run")
    assert run.read_history()["epoch"].tolist() == [1, 2, 3]
    state = run.read_state()
    assert state.status == "finished"
    assert state.message == "Stopped early: no better validation accuracy for 2 epochs."
    assert "0 blocks and the head learn" in run.log.read_text()


@pytest.mark.usefixtures("small_network")
def test_a_loss_that_is_no_number_ends_the_run(small_config: SmallConfig, tmp_path: Path) -> None:
    """Weights that are already ruined, so that the first step shows it."""
    model = build_model(ModelOptions(image_size=32), 4)
    model.set_weights([np.full_like(w, np.nan) for w in model.get_weights()])
    save_model(model, tmp_path / "ruined.keras")
    config = small_config(weights=str(tmp_path / "ruined.keras"))
    with pytest.raises(UserError) as caught:
        start(config, tmp_path / "run")
    sentence = "The loss became nan at step 1: lower the learning rate (now 0.01)."
    assert str(caught.value) == sentence
    run = Run(tmp_path / "run")
    assert (run.read_state().status, run.read_state().message) == ("failed", sentence)
    assert sentence in run.log.read_text()
    assert not run.model.exists()


def test_one_class_is_refused(tiny_npz: TinyNpz, small_config: SmallConfig, tmp_path: Path) -> None:
    one_class = tiny_npz(tmp_path / "one.npz", rows=30, classes=1)
    with pytest.raises(UserError, match=r"'one.npz' has 1 class among its training rows"):
        start(small_config(data={"source": str(one_class)}), tmp_path / "run")
    state = Run(tmp_path / "run").read_state()
    assert state.status == "failed"
    assert state.message.startswith("'one.npz' has 1 class")


def test_two_rows_are_refused(tiny_npz: TinyNpz, small_config: SmallConfig, tmp_path: Path) -> None:
    two = tiny_npz(tmp_path / "two.npz", rows=2, classes=2)
    with pytest.raises(UserError, match=r"^'two.npz' (has 1 class|leaves no validation rows)"):
        start(small_config(data={"source": str(two)}), tmp_path / "run")


def test_data_that_is_not_there_is_refused(small_config: SmallConfig, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"There is no dataset 'gone.npz'"):
        start(small_config(data={"source": "gone.npz"}), tmp_path / "run")
    assert Run(tmp_path / "run").read_state().status == "failed"


def test_a_run_is_never_overwritten(finished: Run, small_config: SmallConfig, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(finished.folder, tmp_path / "copy"))
    before = {path.name: path.read_bytes() for path in copy.iterdir()}
    with pytest.raises(UserError, match=r"already holds a run: choose another directory, or go on"):
        start(small_config(), copy)
    assert {path.name: path.read_bytes() for path in copy.iterdir()} == before


def test_a_run_that_another_process_has_begun_is_not_overwritten(
    small_config: SmallConfig, tmp_path: Path
) -> None:
    """Nothing is trained yet, but its process, which has nothing to do with this one, is at work."""
    import psutil

    run = Run(tmp_path)
    with subprocess.Popen(["sleep", "600"]) as other:
        started = psutil.Process(other.pid).create_time()
        run.write_state(RunState("running", pid=other.pid, process_started=started))
        with pytest.raises(UserError, match="already holds a run"):
            start(small_config(), tmp_path)
        other.kill()
    assert not run.config.exists()


def test_a_folder_that_cannot_be_made_is_named(small_config: SmallConfig, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match=r"The run directory '.*file/run' cannot be made: Not a directory"):
        start(small_config(), tmp_path / "file" / "run")


def test_a_bug_rises_and_leaves_a_trace(
    small_config: SmallConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("bcc.training.train.divide", broken)
    with pytest.raises(ZeroDivisionError):
        start(small_config(), tmp_path / "run")
    state = json.loads((tmp_path / "run" / "state.json").read_text())
    assert (state["status"], state["message"]) == ("failed", "ZeroDivisionError: division by zero")
