"""What a report and a model card say about a run: facts from its directory, and what to be careful about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bcc.errors import UserError
from bcc.evaluation.baseline import against_baseline
from bcc.evaluation.calibration.temperature import Calibration, calibration_of
from bcc.evaluation.predictions.calibration_tables import CalibrationTables, calibration_tables
from bcc.evaluation.predictions.sample_predictions import SamplePredictions, of_split
from bcc.evaluation.rows import nearly_seen, scored_splits
from bcc.evaluation.run_dataset import files_of_run
from bcc.runs import Run, read_about, read_first_weights

FEW = 50
"""Images of a class below which its scores are called vague."""


@dataclass(frozen=True)
class Facts:
    """A finished run, read.

    Attributes:
        run: the directory.
        config, dataset, metrics: its JSON files.
        answers: about the split that counts.
        calibration, calibration_tables: of those answers.
        trained: when, "2026-11-25", "" where it is unknown.
        first_weights: what it started from and how whole that was, in a sentence.
        verdict: beside the linear model, "" while that is unknown.
        caveats: sentences on what the numbers do not say.
        files: the file of each row of its dataset, `None` where they have no names.
    """

    run: Run
    config: dict[str, Any]
    dataset: dict[str, Any]
    metrics: dict[str, Any]
    predictions: SamplePredictions
    calibration: Calibration
    calibration_tables: CalibrationTables
    trained: str
    first_weights: str
    verdict: str
    caveats: tuple[str, ...]
    files: tuple[str, ...] | None = None

    @property
    def synthetic(self) -> bool:
        """Whether it was trained on painted cells."""
        return str(self.dataset.get("source", "")).startswith("synthetic")

    @property
    def best_and_worst(self) -> tuple[str, str]:
        """The classes with the highest and the lowest F1, in words."""
        table = self.predictions.measured.wide().dropna(subset=["f1"]).sort_values("f1")
        best, worst = table.iloc[-1], table.iloc[0]
        return f"{best['class']} (F1 {best['f1']:.1%})", f"{worst['class']} (F1 {worst['f1']:.1%})"


def title_of(run: Run) -> str:
    """What people call the run, with its id, which is what programs call it.

    A damaged about.json is no reason to write no report.
    """
    try:
        name = read_about(run).name
    except UserError:
        name = ""
    return f"{name} ({run.id})" if name and name != run.id else run.id


def facts_of(run: Run) -> Facts:
    """Read a run.

    Raises:
        UserError: it has not been scored, or its files are damaged.
    """
    predictions = of_split(run, scored_splits(run)[0])
    metrics = run.read_json(run.metrics) if run.metrics.exists() else {}
    calibration = calibration_of(run)
    verdict = against_baseline(metrics)
    try:
        created = run.read_state().created
        trained = datetime.fromtimestamp(created, UTC).strftime("%Y-%m-%d")
    except UserError:
        trained = ""
    dataset, config = run.read_json(run.dataset), run.read_json(run.config)
    return Facts(
        run=run,
        config=config,
        dataset=dataset,
        metrics=metrics,
        predictions=predictions,
        calibration=calibration,
        calibration_tables=calibration_tables(predictions, calibration),
        trained=trained,
        first_weights=_first_weights(run, config),
        verdict=verdict.sentence if verdict else "",
        caveats=tuple(
            _caveats(
                dataset,
                predictions,
                calibration,
                bool(verdict and verdict.below),
                nearly_seen(run, predictions.split),
            )
        ),
        files=files_of_run(run),
    )


def _first_weights(run: Run, config: dict[str, Any]) -> str:
    first = read_first_weights(run)
    if first is not None:
        return first.sentence
    named = str(config.get("weights", "none"))
    return "Started from random weights." if named == "none" else f"Started from '{Path(named).name}'."


def _caveats(
    dataset: dict[str, Any],
    predictions: SamplePredictions,
    calibration: Calibration,
    below: bool,
    nearly: int | None,
) -> list[str]:
    found = [
        "Not a medical device: for learning and research only.",
        f"All scores are about {predictions.split} images of the same dataset as the training images. On "
        "another microscope, stain or camera it may be right far less often; nothing here measures that.",
    ]
    if str(dataset.get("source", "")).startswith("synthetic"):
        found.append("Trained on painted (synthetic) cells: it says nothing about photographs of real ones.")
    found += predictions.notes
    support = predictions.measured.wide()[["class", "support"]]
    few = [
        f"{line['class']} ({line['support']})" for _, line in support.iterrows() if 0 < line["support"] < FEW
    ]
    if few:
        found.append(f"Few images: {', '.join(few)}; their scores are vague, as the intervals show.")
    if below:
        found.append("A linear model on simple features does better: it has not been trained well enough.")
    if not calibration.n:
        found.append(calibration.sentence)
    if dataset.get("duplicates_left_out"):
        found.append(
            f"{dataset['duplicates_left_out']:,} exact copies of images were left out before splitting."
        )
    found.append(_near_copies(nearly, predictions))
    return found


def _near_copies(nearly: int | None, predictions: SamplePredictions) -> str:
    if nearly is None:
        return "Near copies of training images, if any, were not looked for: nobody has scanned the data."
    if nearly:
        return " ".join(predictions.notes) or f"{nearly:,} images have near copies among the training images."
    return (
        f"No {predictions.split} image has a near copy among the training images, as far as a scan has found."
    )
