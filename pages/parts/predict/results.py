"""What a run says of images that were handed over: cards with saliency and warnings, and a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from bcc.cells import holding_cells
from bcc.datasets import Preprocessing
from bcc.datasets.uploaded_images import UploadedImage, preprocessed_for_run
from bcc.errors import UserError
from bcc.evaluation.calibration.temperature import Calibration
from bcc.evaluation.predictions.out_of_distribution import (
    OodDetector,
    fit_ood_detector,
    load_ood_detector,
    save_ood_detector,
)
from bcc.evaluation.predictions.scale_note import scale_note
from bcc.evaluation.predictions.warnings_table import NO_CELL, prediction_table
from bcc.explain import KINDS, METHODS, default_stage, smoothed
from bcc.figures import overlay
from bcc.figures.colours import class_colours
from bcc.runs import Run
from pages.parts.background import waiting
from pages.parts.context import chosen
from pages.parts.predict import differential, nearest_cells
from pages.parts.state import loaders
from pages.parts.text import formatting
from pages.parts.widgets import downloads, gallery, saliency_options

MOST_PROBLEMS = 8
"""Refused files that are named; more would bury the answers."""


def show_problems(handed: Sequence[UploadedImage]) -> None:
    """Say which files are no images, and why, in one box."""
    lines = [
        f"{formatting.plain(one.name)}: {formatting.plain(one.problem)}." for one in handed if one.problem
    ]
    if not lines:
        return
    if len(lines) > MOST_PROBLEMS:
        lines = [*lines[:MOST_PROBLEMS], f"And {len(lines) - MOST_PROBLEMS:,} more."]
    # Two spaces end a line in Markdown.
    st.error("  \n".join(lines), icon=":material/broken_image:")


def choose_method() -> str:
    """Which saliency stands beside each image."""
    return saliency_options.choose_method(
        "Saliency",
        "predict_method",
        "How the map beside each image is made. Which to believe stands on the Saliency page under trust.",
        bind="query-params",
    )


def show(
    run: Run,
    handed: Sequence[UploadedImage],
    making: Preprocessing,
    calibration: Calibration,
    unsure_below: float,
    method: str = METHODS[0],
) -> None:
    """Ask the run and draw what it says.

    Raises:
        UserError: the model cannot be loaded.
    """
    info = run.read_json(run.dataset)
    images = preprocessed_for_run(handed, making, tuple(info["picture_size"]))
    _say_notes(handed)
    _say_sizes(handed, making, tuple(info["picture_size"]))
    with st.spinner("Loading TensorFlow and the model"):
        extract = loaders.features_of(run)
    known = _familiarity(run)
    said, features = loaders.cached(
        ("said of handed", *run.model_version, images.shape, hash(images.tobytes())),
        lambda: extract(images),
    )
    held = holding_cells(images)
    distances = known.distances(features) if known else None
    table = prediction_table(
        handed,
        calibration(said),
        run.class_names,
        unsure_below,
        distances,
        known,
        smallest=extract.image_size // 2,
        size=None if making.kind == "challenge" else tuple(info["picture_size"]),
        held=held,
        nearest=known.nearest_classes(features, run.class_names) if known else None,
    )
    warned = int((table["warning"] != "").sum())
    summary = f"{len(table):,} image{'s' if len(table) != 1 else ''}"
    st.markdown(f"**{summary}**, {warned:,} with a warning.")
    empty = int(table["warning"].str.startswith(NO_CELL).sum())
    if empty:
        st.warning(
            f"No cell was found in {empty:,} of them, neither a nucleus nor a platelet: the prediction there "
            "means nothing.",
            icon=":material/search_off:",
        )
    if scale := scale_note(run, images):
        st.warning(formatting.plain(scale), icon=":material/zoom_in:")
    _cards(run, table, images, method)
    st.caption(formatting.plain(calibration.about_confidence))
    st.dataframe(
        formatting.table(table),
        hide_index=True,
        key="opinions",
        column_order=[*_FIRST, *(name for name in table if name not in _FIRST)],
        alt="Prediction of each image",
        column_config=_columns(run.class_names, known),
    )
    downloads.table(table, "predictions")
    differential.show(
        run,
        table["file"].tolist(),
        images,
        calibration(said),
        calibration,
        unsure_below,
        known.strange(distances) if known is not None and distances is not None else None,
        held,
    )
    if known is not None:
        nearest_cells.show(run, known, table["file"].tolist(), images, features)


def _say_notes(handed: Sequence[UploadedImage]) -> None:
    """Say what was assumed while the images were read: how deep they are, which were turned."""
    notes = Counter(note for one in handed for note in one.notes)
    if notes:
        lines = [f"{count:,} of the images: {formatting.plain(note)}." for note, count in notes.most_common()]
        # Two spaces end a line in Markdown.
        st.info("  \n".join(lines), icon=":material/info:")


def _say_sizes(handed: Sequence[UploadedImage], making: Preprocessing, size: tuple[int, int]) -> None:
    """Point at what the run cannot notice: cells that are smaller or larger than in training."""
    readable = [one.image.shape[:2] for one in handed if one.image is not None]
    others = sum(shape != size for shape in readable)
    if others and making.kind != "challenge":
        if others == len(readable):
            which = "The image has" if others == 1 else "The images have"
        else:
            which = f"{others:,} of the {len(readable):,} images ha{'ve' if others != 1 else 's'}"
        st.info(
            f"{which} another size than the run's ({size[1]} x {size[0]} px): the centre square is scaled "
            "to it. If cells look smaller in it than in training, predictions are wrong without a warning; "
            "for raw photographs of PBC choose 'challenge'.",
            icon=":material/info:",
        )


def _familiarity(run: Run) -> OodDetector | None:
    """What the run was trained on, looked at once and kept in its directory; `None` where that is gone."""
    key = ("familiarity", *run.model_version)

    def learn(report: waiting.Report) -> OodDetector:
        kept = load_ood_detector(run)
        if kept is not None:
            return kept
        learned = fit_ood_detector(run, chosen.data_of(run), loaders.features_of(run), report)
        save_ood_detector(run, learned)
        return learned

    try:
        return waiting.result_of(key, "Once for this run: indexing its training images", learn)
    except UserError as error:
        st.info(
            "It cannot be determined whether an image resembles the run's training images. "
            + formatting.plain(str(error)),
            icon=":material/info:",
        )
        return None


def _cards(run: Run, table: pd.DataFrame, images: np.ndarray, method: str) -> None:
    rows = gallery.paged(range(len(table)), "verdict_page", per_page=24)
    names = run.class_names
    colours = class_colours(names)
    kind, stage = KINDS[method], default_stage(loaders.model_of(run).model)
    layer = stage.layer if kind.at_stage else None
    called = np.array([names.index(name) for name in table["predicted"].iloc[rows]])
    shown = np.ascontiguousarray(images[rows])
    key = ("handed maps", *run.model_version, method, layer, shown.shape)

    def explain() -> np.ndarray:
        with waiting.progress("Computing saliency maps") as report:
            return loaders.explainer_of(run, layer, method)(shown, called, report)

    heats = loaders.cached((*key, hash(shown.tobytes())), explain)
    cards = []
    for one, image, heat in zip(table.iloc[rows].itertuples(), shown, heats, strict=True):
        title = f"{one.predicted} {formatting.share(one.probability)}"
        note = f"then {one.second} {formatting.share(one.probability_of_second)} · {one.file}"
        if one.warning.startswith(NO_CELL):
            title, note = "no cell", f"the run predicts {title} · {one.file}"
        alt = f"{one.file}: {one.warning} {one.predicted} with {formatting.share(one.probability)}."
        cards.append(
            gallery.Card(
                (image, overlay(image, heat if kind.at_stage else smoothed(heat))),
                title,
                note if heat.any() else f"{note} · empty map for this class: try another method",
                colours[one.predicted],
                alt,
                one.warning,
            )
        )
    gallery.show(cards, "Images with their saliency maps", width=120)
    where = stage.label if kind.at_stage else "the pixels"
    st.caption(f"On the right of each image: {kind.title} at {where}, for the predicted class.")


_FIRST = ("file", "warning", "predicted", "probability")


def _columns(names: Sequence[str], known: OodDetector | None) -> dict[str, Any]:
    column = st.column_config
    limit = f" Beyond {known.threshold:.2f} it looks like none." if known else ""
    return {
        "file": column.TextColumn("File", pinned=True, width=150),
        "predicted": column.TextColumn("Class", width=164),
        "probability": column.ProgressColumn(
            "Confidence", format="percent", min_value=0, max_value=1, width=110
        ),
        "second": column.TextColumn("Second class"),
        "probability_of_second": column.NumberColumn("Its probability", format="percent"),
        "warning": column.TextColumn("Warning", width=300),
        "distance": column.NumberColumn(
            "Distance", format="%.2f", help=f"Distance to the nearest training images.{limit}"
        ),
        "nearest": column.TextColumn(
            "Nearest training cells",
            width=190,
            help="Classes of the five training images whose features are most similar.",
        ),
        **{name: column.NumberColumn(name, format="percent") for name in names},
    }
