"""Start a scan, and show the last scan of a dataset, which survives a restart."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime
from typing import TYPE_CHECKING, Literal

import numpy as np
import streamlit as st

from bcc.datasets import Dataset
from bcc.errors import UserError
from bcc.progress import Progress
from bcc.quality import SavedScan, save_scan, saved_scan, scan
from bcc.quality.saved_scans import scan_folder
from bcc.runs import Run
from pages.parts.background import long_work
from pages.parts.context import chosen
from pages.parts.state import loaders
from pages.parts.text import errors, formatting

if TYPE_CHECKING:
    from bcc.models.prediction import Predictor

LINEAR, FEATURES, ANSWERS = "linear", "features", "answers"
JUDGES = {
    LINEAR: "models of colours, edges and shapes",
    FEATURES: "models of the features of a run",
    ANSWERS: "a run's own answers",
}


def last(dataset: Dataset) -> SavedScan | None:
    """Return the last scan of a dataset.

    Raises:
        UserError: its files are damaged or of another set.
    """
    about = scan_folder(dataset) / "about.json"
    changed = about.stat().st_mtime_ns if about.exists() else 0
    key = ("scan", dataset.fingerprint, dataset.class_names, str(about), changed)
    return loaders.cached(key, lambda: saved_scan(dataset))


def show(dataset: Dataset, done: SavedScan | None) -> None:
    """Describe the last scan and offer another; prominently where there is none yet."""
    if done is None:
        with st.container(border=True):
            st.markdown("**Look for problems in the images**")
            st.markdown(
                "One scan finds copies and near copies, conflicting and doubtful labels, images that "
                "are not cells, other stains, and poor images. You then decide with the images in view. "
                "Nothing is ever deleted."
            )
            _ask(dataset, "Scan the dataset", "primary")
        return
    with st.expander(f"Scanned {_when(done.when)}, labels judged by {formatting.plain(done.labels_by)}"):
        _ask(dataset, "Scan again", "secondary")


def _ask(dataset: Dataset, label: str, kind: Literal["primary", "secondary"]) -> None:
    key = work_key(dataset)
    if long_work.under_way(key, "clean_cancel_scan"):
        return
    runs = {one.run.id: one.run for one in chosen.to_ask().values() if one.has_model}
    judge = st.segmented_control(
        "Labels are judged by",
        [LINEAR, FEATURES, ANSWERS] if runs else [LINEAR],
        default=LINEAR,
        required=True,
        format_func=JUDGES.__getitem__,
        key="clean_judge",
        help="Which model judges the labels. Each model is cross-validated: it judges only rows that it "
        "was not trained on.",
    )
    run = None
    if judge != LINEAR:
        wanted = st.query_params.get("run")
        ids = list(runs)
        run = runs[
            st.selectbox(
                "Run",
                ids,
                index=ids.index(wanted) if wanted in ids else 0,
                key="clean_judge_run",
                width=420,
                help="Its model predicts every image, which takes a while.",
            )
        ]
        with errors.shown(stop=False):
            st.caption(_seen(run, dataset, judge))
    if st.button(
        label,
        icon=":material/search:",
        type=kind,
        key="clean_scan",
        help="Half a minute to a minute for 14,000 images on two cores, a few seconds for the painted "
        "cells; longer where a run judges the labels.",
    ):
        with errors.shown(stop=False), st.spinner("Opening the model") if run else nullcontext():
            _scan(dataset, judge, run)
            st.rerun()


def _seen(run: Run, dataset: Dataset, judge: str) -> str:
    """Describe in a sentence which rows the run was trained on."""
    from bcc.evaluation.rows import seen_in_training

    seen = int(seen_in_training(run, dataset).sum())
    sentence = f"{formatting.plain(run.id)} was trained on {seen:,} of these {len(dataset):,} rows."
    if judge == ANSWERS:
        return (
            f"{sentence} It predicts the other {len(dataset) - seen:,} only; the labels of "
            "those that it has seen are not judged."
        )
    return (
        f"{sentence} Its features of those rows are shaped by their labels, so a wrong label among them is "
        "harder to notice."
        if seen
        else f"{sentence} None of the labels shaped its features."
    )


def work_key(dataset: Dataset) -> tuple[str, str]:
    """Return the key of the work that scans a dataset, the same for everyone."""
    return ("scan", dataset.fingerprint)


def _scan(dataset: Dataset, judge: str, run: Run | None) -> None:
    """Start a scan; its result is saved with the dataset.

    Raises:
        UserError: the run has no model, or it is damaged.
    """
    model = None if run is None else loaders.model_of(run)

    def work(report: Progress, called_off: Callable[[], bool]) -> None:
        tell = long_work.stopping(report, called_off)
        own = 0.0 if run is None else 0.4
        features = probabilities = None
        if run is not None and model is not None:
            features, probabilities = _of_run(
                dataset, judge, run, model, lambda share, text: tell(own * share, text)
            )
        found = scan(
            dataset,
            progress=lambda share, text: tell(own + (1 - own) * share, text),
            features=features,
            probabilities=probabilities,
        )
        save_scan(found, dataset, JUDGES[judge] + (f", {run.id}" if run else ""))

    long_work.start(work_key(dataset), work, (long_work.CalledOff,))


def _of_run(
    dataset: Dataset, judge: str, run: Run, model: Predictor, report: Progress
) -> tuple[np.ndarray | None, np.ndarray | None]:
    from bcc.datasets import derived
    from bcc.evaluation.predictions.predict_rows import unseen_probabilities

    if judge == ANSWERS:
        return None, unseen_probabilities(run, dataset, lambda rows: model(dataset.images, rows, report))
    from bcc.models.pooled import pooled_features

    made = derived(
        dataset,
        f"pooled-{run.id}-{run.model.stat().st_mtime_ns}",
        lambda: {"features": pooled_features(model.model, dataset.images, progress=report)},
    )
    return made["features"], None


def _when(moment: str) -> str:
    """ "2026-01-31T14:25:00+00:00" -> "31 January, 14:25"."""
    try:
        return f"{datetime.fromisoformat(moment).astimezone():%-d %B, %H:%M}"
    except ValueError:
        return moment


def forget(dataset: Dataset) -> None:
    """Drop a damaged scan so that the set can be scanned again.

    Raises:
        UserError: it cannot be removed.
    """
    try:
        (scan_folder(dataset) / "about.json").unlink(missing_ok=True)
    except OSError as error:
        raise UserError(f"The damaged scan cannot be removed: {error.strerror or error}.") from error
