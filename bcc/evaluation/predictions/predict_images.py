"""Predict a whole set, or new images that belong to no class yet, and name the file of each answer."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from bcc.cells import holding_cells
from bcc.datasets import Dataset, Preprocessing
from bcc.datasets.cache.cached_datasets import is_fingerprint
from bcc.datasets.dataset import PAINTED
from bcc.datasets.folders.tree import is_hidden
from bcc.datasets.folders.zip_source import checked_entries
from bcc.datasets.images.decode import is_image
from bcc.datasets.unlabelled_images import UnlabelledImages, places_of
from bcc.datasets.uploaded_images import RunPreprocessing
from bcc.datasets.zips import open_zip
from bcc.errors import UserError
from bcc.evaluation.predictions.predict_rows import PredictorOf, load_predictor
from bcc.evaluation.predictions.scale_note import MOST, scale_note
from bcc.evaluation.predictions.warnings_table import NO_CELL
from bcc.evaluation.run_dataset import open_for_run
from bcc.progress import Progress
from bcc.runs import Run


@dataclass(frozen=True)
class Predicted:
    """What a run says of some images.

    Attributes:
        probabilities: float32 (N, K).
        class_names: the run's K classes.
        files: the file of each image; `None` for arrays without names.
        skipped: files that were left out, each with the reason.
        notes: what was assumed, a sentence each.
        held: bool (N,), which images hold a cell (`bcc.cells.holds_cell`).
    """

    probabilities: np.ndarray
    class_names: tuple[str, ...]
    files: tuple[str, ...] | None
    skipped: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    held: np.ndarray

    def frame(self) -> pd.DataFrame:
        """One line each: index, file (where known), warning, predicted, a column of probability a class."""
        names = np.array(self.class_names, object)
        head = {"index": np.arange(len(self.probabilities))}
        if self.files is not None:
            head["file"] = np.array(self.files, object)
        head["warning"] = np.where(self.held, "", NO_CELL).astype(object)
        head["predicted"] = names[self.probabilities.argmax(axis=1)]
        # Classes may be called like the columns before them.
        return pd.concat([pd.DataFrame(head), pd.DataFrame(self.probabilities, columns=names)], axis=1)


def predict(
    run: Run,
    sources: Sequence[str],
    classes: str | None = None,
    preprocessing: str | None = None,
    progress: Progress | None = None,
    layout: str | None = None,
    predictor_of: PredictorOf = load_predictor,
) -> Predicted:
    """Ask a run about images.

    One source that is a dataset (see `bcc.datasets.load`) is predicted row by row. All else is taken as
    new images without classes: several sources, single files, patterns, folders and zips that have
    images directly in them, or that cannot be opened as a set.

    Args:
        run: which.
        sources: datasets, paths or patterns.
        classes: names for the classes of a dataset.
        preprocessing: how files become pixels; the run's own by default.
        progress: called with (share done, sentence).
        layout: what the folders of a dataset are, see `bcc.datasets.load`.
        predictor_of: gives the predictor of the run.

    Raises:
        UserError: there is nothing there, or no image that can be read.
    """
    refused = None
    if len(sources) == 1 and _may_be_a_set(sources[0]):
        try:
            opened = open_for_run(run, sources[0], classes, preprocessing, progress, layout)
            return _of_set(run, opened, predictor_of, progress)
        except UserError as error:
            if classes or not _is_tree(sources[0]):
                raise
            refused = str(error)
    if classes:
        raise UserError("--classes names the classes of a dataset; new images have none: leave it out.")
    found = _of_images(run, sources, preprocessing, predictor_of, progress)
    if refused is None:
        return found
    said = f"Taken as new images without classes, for it is no dataset: {refused}"
    return replace(found, notes=(said, *found.notes))


def _of_set(run: Run, dataset: Dataset, predictor_of: PredictorOf, progress: Progress | None) -> Predicted:
    said = predictor_of(run)(dataset.images, np.arange(len(dataset)), progress)
    held = holding_cells(dataset.images)
    notes = (*dataset.notes, *filter(None, [scale_note(run, dataset.images)]))
    return Predicted(said, run.class_names, dataset.files, dataset.skipped, notes, held)


def _of_images(
    run: Run,
    sources: Sequence[str],
    preprocessing: str | None,
    predictor_of: PredictorOf,
    progress: Progress | None,
) -> Predicted:
    info = run.read_json(run.dataset)
    recipe = Preprocessing.parse(preprocessing or info["preprocessing"])
    height, width = info["picture_size"]
    with UnlabelledImages(sources, RunPreprocessing(recipe, (int(height), int(width)))) as images:
        ask = predictor_of(run)
        said: list[np.ndarray] = []
        held: list[np.ndarray] = []
        files: list[str] = []
        seen: list[np.ndarray] = []
        done = 0
        for piece in images.pieces():
            done += piece.seen
            said.append(ask(piece.images, np.arange(len(piece.images)), None))
            held.append(holding_cells(piece.images))
            files += piece.files or ()
            if sum(map(len, seen)) < MOST:
                seen.append(piece.images[:MOST])
            if progress is not None:
                progress(done / len(images), f"Predicting {done:,} of {len(images):,} images")
        if not files:
            name, reason = images.skipped[0]
            raise UserError(f"No image can be read; the first, {name}: {reason}.")
        scale = scale_note(run, np.concatenate(seen))
        return Predicted(
            np.concatenate(said),
            run.class_names,
            tuple(files),
            tuple(images.skipped),
            (*images.notes, *filter(None, [scale])),
            np.concatenate(held),
        )


def _may_be_a_set(source: str) -> bool:
    """Whether a source is to be opened as a set first: no images, patterns, flat folders and zips."""
    name = source.strip()
    if name in PAINTED or name.startswith("bloodmnist:") or name == "bloodmnist" or is_fingerprint(name):
        return True
    try:
        (place,) = places_of(source)
    except (UserError, ValueError):
        # What is nowhere; a pattern has several places.
        return not any(sign in source for sign in "*?[") and not is_image(source)
    if any(sign in source and sign not in str(place) for sign in "*?["):
        return False
    if place.is_dir():
        with contextlib.suppress(OSError):
            return not any(is_image(one.name) and not is_hidden(one.name) for one in place.iterdir())
        return True
    if place.suffix.lower() == ".zip":
        with open_zip(place) as archive:
            return not any(len(path) == 1 and is_image(path[0]) for path in checked_entries(archive, place))
    return not is_image(place.name)


def _is_tree(source: str) -> bool:
    """Whether a source is a folder or a zip, which may hold images in any arrangement."""
    try:
        (place,) = places_of(source)
    except (UserError, ValueError):
        return False
    return place.is_dir() or Path(place).suffix.lower() == ".zip"
