"""Train one run from its config to its metrics: read top to bottom."""

from __future__ import annotations

import os
import time
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from bcc.atomic_files import clear_half_written, why_not_written
from bcc.augment import read_recipe
from bcc.datasets import (
    SPLITS,
    Dataset,
    Selection,
    SourceMark,
    among,
    find_selection,
    import_selection,
    load,
    mark,
    open_near_copies,
    with_labels,
)
from bcc.datasets.label_changes import labels_sentence
from bcc.errors import UserError
from bcc.evaluation.run_dataset import own_data
from bcc.models.convnext import model_name
from bcc.models.tensorflow_start import start_tensorflow
from bcc.paths import printable
from bcc.runs import (
    FirstWeights,
    Run,
    RunState,
    Status,
    alone,
    read_data_in_line,
    refuse_shipped,
    write_arrays,
    write_first_rows,
    write_first_weights,
    write_json,
)
from bcc.runs.run_folders import may_begin_in
from bcc.training.config.assemble import read_config
from bcc.training.config.train_config import TrainConfig
from bcc.training.final_scores import finish
from bcc.training.inputs.recipe_snapshot import snapshot_recipes
from bcc.training.inputs.rows import TEST, TRAIN, VALIDATION, Rows, divide, near_copies_sentence
from bcc.training.inputs.rows_behind_weights import rows_behind
from bcc.training.loop.signals import stop_on_signals
from bcc.training.records.run_writer import LOGGER, RunWriter

if TYPE_CHECKING:
    import keras


def start(config: TrainConfig, folder: Path) -> Run:
    """Train in a new run directory.

    Args:
        config: what to train on what, and how.
        folder: the run directory; it must not hold a run yet.

    Raises:
        UserError: the data or a value is bad, or the directory holds a run. What happened is also in
            the run's state and log.
    """
    for recipe in config.recipes.values():
        read_recipe(recipe)
    run = Run(folder)
    if run.history.exists() or run.model.exists() or _at_work_elsewhere(run):
        raise UserError(f"'{folder}' already holds a run: choose another directory, or go on with --resume.")
    if not may_begin_in(folder):
        raise UserError(
            f"'{folder}' holds other things than a run: give a new directory, so that nothing there is lost."
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(why_not_written(error, f"the run directory '{folder}'", done="made")) from error
    write_json(run.config, config.model_dump(mode="json"))
    for kept in (run.selection, run.first_weights, run.near_copies, run.split):
        kept.unlink(missing_ok=True)
    for kept in run.folder.glob("recipe*.json"):
        kept.unlink()
    return _run(run, config, resumed=False)


def resume(folder: Path) -> Run:
    """Go on with a run that was stopped or died, from its last checkpoint.

    Raises:
        UserError: there is no run, it is still running, or it has finished.
    """
    run = Run(folder)
    refuse_shipped(run, "resumed")
    if _at_work_elsewhere(run):
        raise UserError(f"Run '{run.id}' is still running: stop it first.")
    if run.read_state().status == "finished":
        raise UserError(f"Run '{run.id}' has finished: start a new run to train further.")
    return _run(run, read_config(run.config), resumed=run.checkpoint.exists())


def _at_work_elsewhere(run: Run) -> bool:
    """Whether another process trains this run."""
    if not run.state.exists():
        return False
    state = run.read_state()
    return state.status in ("running", "stopping") and not _started_us(state)


def _started_us(state: RunState) -> bool:
    """Whether a state was written by the job that this very process belongs to."""
    return state.pid in (os.getpid(), *(parent.pid for parent in psutil.Process().parents()))


def _run(run: Run, config: TrainConfig, resumed: bool) -> Run:
    """Train, as the only process that does, and leave a state that tells how it ended whatever happens."""
    with alone(run):
        return _run_alone(run, config, resumed)


def _run_alone(run: Run, config: TrainConfig, resumed: bool) -> Run:
    before = run.read_state() if run.state.exists() else None
    if before is None or not _started_us(before):
        # An old request. One that came after a job had started this very process still holds.
        run.stop_request.unlink(missing_ok=True)
    created = before.created if before else time.time()
    state = RunState("running", "Starting", epochs=config.epochs, created=created).mine()
    # A checkpoint is large: one half written must not take its room for good, nor hinder this one.
    left = clear_half_written(run.of_training)
    with RunWriter(run, state) as writer, stop_on_signals(run):
        if left:
            LOGGER.info("Removed %d half-written files that a killed process had left", left)
        try:
            _train(writer, config, resumed)
        except BaseException as error:
            what = str(error) if isinstance(error, UserError) else f"{type(error).__name__}: {error}"
            writer.fail(what)
            raise
    return run


def _train(writer: RunWriter, config: TrainConfig, resumed: bool) -> None:
    config = snapshot_recipes(writer.run, config)
    writer.begin_stage("Reading the data")
    dataset = _open(writer, config, resumed)
    if resumed and writer.run.read_json(writer.run.dataset)["fingerprint"] != dataset.fingerprint:
        raise UserError(f"'{dataset.source}' has changed since run '{writer.run.id}' began: start it anew.")
    change = _change_in_line(writer.run, dataset, config, resumed)
    if change:
        LOGGER.warning("%s", change)
        writer.update(force=True, message=change)
    selection = _selection(writer.run, dataset, config)
    dataset = with_labels(dataset, selection)
    rows = _rows_before(writer.run, dataset)
    if rows is None:
        rows = divide(dataset, config.data, config.seed, selection)
        _name_scan(writer.run, rows)
    _record_data(writer.run, dataset, rows, selection, config, change)
    for note in dataset.reading_notes():
        LOGGER.info("%s", note)
    LOGGER.info("%s: %s", dataset.source, rows.sentence())
    LOGGER.info("%s", near_copies_sentence(rows.near_copies_summary()))
    if selection is not None and selection.labels:
        LOGGER.info("%s", labels_sentence(selection.labels.summary(dataset)))

    writer.begin_stage("Loading TensorFlow")
    start_tensorflow()
    import keras

    from bcc.models.devices import mirrored_strategy
    from bcc.training.loop.trainer import Trainer

    keras.utils.set_random_seed(config.seed)
    strategy = mirrored_strategy(config.several_gpus)
    writer.begin_stage(f"Building {model_name(config.model)}")
    with strategy.scope() if strategy else nullcontext():
        model = build(config, len(dataset.class_names))
        if not resumed:
            load_first_weights(model, config, writer.run)
    trainer = Trainer(writer, config, dataset, rows, model, strategy)
    if resumed:
        trainer.resume()
    else:
        writer.truncate_after(0, 0)
    stopped = trainer.run_to_end()

    given_labels = selection.given_labels(dataset) if selection is not None and selection.labels else None
    finish(writer, dataset, rows, dataset.class_names, config.seed, given_labels)
    status: Status = "stopped" if stopped else "finished"
    # Else what the epochs said, such as that they ended early.
    last = "Stopped on request." if stopped else writer.state.message
    said = " ".join(dict.fromkeys(filter(None, [last, change])))
    writer.update(force=True, stage="", seconds_left=None, status=status, message=said)
    LOGGER.info("Stopped on request" if stopped else "Finished")
    writer.run.stop_request.unlink(missing_ok=True)


def _open(writer: RunWriter, config: TrainConfig, resumed: bool) -> Dataset:
    """The data of the config; for a run that came from elsewhere the same set wherever it is known here."""
    try:
        return load(
            config.data.source,
            classes=config.data.classes,
            preprocessing=config.data.preprocessing,
            progress=writer.report,
            layout=config.data.layout,
        )
    except UserError:
        if not resumed:
            raise
        try:
            return own_data(writer.run)
        except UserError:
            pass
        raise


def _change_in_line(run: Run, dataset: Dataset, config: TrainConfig, resumed: bool) -> str:
    """One sentence where the data is not what it was when the run was put in line; else empty."""
    if resumed:
        return str(run.read_json(run.dataset).get("changed_in_line", ""))
    before = read_data_in_line(run)
    now = mark(config.data.source, config.data.preprocessing, config.data.layout)
    if before is None or now is None:
        return ""
    return before.change(SourceMark(now.stamp, dataset.fingerprint), dataset.source)


def build(config: TrainConfig, classes: int) -> keras.Model:
    """The model with random weights."""
    import keras

    from bcc.models.build import build_model
    from bcc.models.devices import precision_policy

    keras.config.set_dtype_policy(precision_policy(config.mixed_precision))
    try:
        model = build_model(config, classes)
    finally:
        # Whatever else this process builds is not this run's matter.
        keras.config.set_dtype_policy("float32")
    LOGGER.info("%s: %s parameters", model.name, f"{model.count_params():,}")
    return model


def load_first_weights(model: keras.Model, config: TrainConfig, run: Run) -> None:
    """Give the model its first weights, and write down which layers got them and which did not.

    Raises:
        UserError: the weights cannot be had, or do not fit.
    """
    from bcc.models.weights import fill_weights

    if config.weights == "none":
        return
    filled = fill_weights(model, config)
    sentence = filled.sentence(config.weights)
    if filled.missing_below_the_head:
        LOGGER.warning("The backbone was not filled whole. %s", sentence)
    else:
        LOGGER.info(sentence)
    first = FirstWeights(
        source=config.weights,
        layers=filled.layers,
        filled=int(filled),
        missing=filled.missing,
        sentence=sentence,
    )
    write_first_weights(run, first)
    if (seen := rows_behind(config.weights)) is not None:
        write_first_rows(run, seen)


def _selection(run: Run, dataset: Dataset, config: TrainConfig) -> Selection | None:
    """The run's own copy of its selection, made when it first begins; later changes do not reach it."""
    if not config.data.selection:
        return None
    if not run.selection.exists():
        find_selection(dataset, config.data.selection).export(run.selection)
    return replace(import_selection(dataset, run.selection), name=config.data.selection)


def _rows_before(run: Run, dataset: Dataset) -> Rows | None:
    """The division that a run began with, `None` for one that begins: no later scan, nor another version of
    what divides, moves a row of it to another side."""
    if not (run.split.exists() and run.dataset.exists()):
        return None
    before = run.read_json(run.dataset)
    if before["fingerprint"] != dataset.fingerprint:
        return None
    split, _ = run.read_split()
    near_copies = open_near_copies(run.near_copies, len(dataset)) if run.near_copies.exists() else None
    deselected = (before.get("selection") or {}).get("left_out", 0)
    unlabelled = int((dataset.labels < 0).sum())
    return Rows(split, int(before.get("duplicates_left_out", 0)), int(deselected), near_copies, unlabelled)


def _name_scan(run: Run, rows: Rows) -> None:
    """Write down which scan said what stays together, and its groups: the run needs nothing else for them."""
    if rows.near_copies is None:
        return
    rows.near_copies.save(run.near_copies)
    told = run.read_json(run.config)
    told.setdefault("data", {})["scan"] = rows.near_copies.scan
    write_json(run.config, told)


def _seen_before(dataset: Dataset, rows: Rows, weights: str) -> dict[str, int] | None:
    """How many rows of each side that is scored the first weights have seen; `None` where nobody knows."""
    known = rows_behind(weights)
    if known is None:
        LOGGER.warning("Nobody knows which images the weights '%s' have seen.", weights)
        return None
    counts = {
        SPLITS[side]: int(among(dataset.row_hashes[rows.of(side)], known).sum())
        for side in (VALIDATION, TEST)
    }
    for side, count in counts.items():
        if count:
            LOGGER.warning(
                "%d of the %s images were seen by the weights '%s': scores on them flatter the run.",
                count,
                side,
                weights,
            )
    return counts


def _record_data(
    run: Run,
    dataset: Dataset,
    rows: Rows,
    selection: Selection | None,
    config: TrainConfig,
    change: str,
) -> None:
    """Write down what it trains on, so that predictions and checks need nothing else."""
    about = {
        "fingerprint": dataset.fingerprint,
        "source": dataset.source,
        "location": printable(dataset.location),
        "layout": dataset.layout,
        "rows": len(dataset),
        "picture_size": list(dataset.image_shape),
        "class_names": list(dataset.class_names),
        "preprocessing": dataset.preprocessing.text,
        "changed_in_line": change,
        "duplicates_left_out": rows.duplicates,
        "near_copies": rows.near_copies_summary(),
        "seen_by_first_weights": _seen_before(dataset, rows, config.weights),
        "selection": None if selection is None else selection.summary(),
        "labels": selection.labels.summary(dataset) if selection is not None and selection.labels else None,
    }
    write_json(run.dataset, about)
    if dataset.files is not None:
        write_json(run.files, list(dataset.files))
    write_arrays(run.split, split=rows.split, train_hashes=dataset.row_hashes[rows.of(TRAIN)])
