"""Scores of a run's saliency on cells that it has not seen, saved in the run's directory."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bcc.atomic_files import replacing
from bcc.datasets import Dataset
from bcc.errors import UserError
from bcc.evaluation.rows import choose_rows
from bcc.explain.methods import KINDS, find_method
from bcc.explain.per_class import sample_per_class
from bcc.explain.regions import regions
from bcc.explain.stages import find_stage
from bcc.explain.trust.scores import SCORES, Progress, score_maps
from bcc.runs import Run

if TYPE_CHECKING:
    import keras
    import pandas as pd

VERSION = 1
"""Increased whenever the scores change, so that saved ones are computed again."""


def trust(
    run: Run,
    dataset: Dataset,
    per_class: int = 8,
    methods: Sequence[str] = tuple(KINDS),
    layers: Sequence[str] | None = None,
    seed: int = 0,
    progress: Progress | None = None,
    model: keras.Model | None = None,
) -> pd.DataFrame:
    """Score a run's saliency; the scores are saved in `trust/` in the run and read from there next time.

    Maps speak for the class that the run predicts, since it is the run's reasons that they should show.

    Args:
        run: a run with a model.
        dataset: its own data (test images, or validation) or any other set (all it was not trained on).
        per_class: images of each class, drawn by the seed.
        methods, layers, seed, progress: see `score_maps`.
        model: the run's model, where it is loaded already.

    Returns:
        The columns of `score_maps` after `row` (of the dataset) and `class` (the true one, in the run's
        words).

    Raises:
        UserError: no image to score, no readable model, an unknown method or layer.
    """
    for name in methods:
        find_method(name)
    rows, labels = sample(run, dataset, per_class, seed)
    file = saved_file(run, dataset, per_class, methods, layers, seed)
    if (saved := _read(file)) is not None:
        return saved
    from bcc.models.prediction import Predictor
    from bcc.models.saving import load_model

    model = model if model is not None else load_model(run.model)
    for layer in layers or ():
        find_stage(model, layer)
    images = np.asarray(dataset.images[rows])
    predicted = Predictor(model)(images).argmax(axis=1)
    scores = score_maps(model, images, predicted, regions(dataset, rows), methods, layers, seed, progress)
    names = np.array(run.class_names)
    scores.insert(0, "class", names[labels][scores["picture"]])
    scores.insert(0, "row", rows[scores["picture"]])
    _write(file, scores)
    return scores


def saved_file(
    run: Run,
    dataset: Dataset,
    per_class: int,
    methods: Sequence[str],
    layers: Sequence[str] | None,
    seed: int,
) -> Path:
    """Return the file in which these scores are saved.

    Raises:
        UserError: the run has no model, or its file is damaged.
    """
    asked = (
        VERSION,
        _content(run),
        dataset.fingerprint,
        per_class,
        tuple(methods),
        tuple(layers) if layers else None,
        seed,
    )
    return run.trust / f"{hashlib.sha256(repr(asked).encode()).hexdigest()[:16]}.csv"


def _content(run: Run) -> tuple[int, ...]:
    """The checksums of what is in the model's file: they survive a copy and change with the weights."""
    try:
        with zipfile.ZipFile(run.model) as file:
            return tuple(part.CRC for part in file.infolist() if part.filename != "metadata.json")
    except FileNotFoundError as error:
        raise UserError(f"Run '{run.id}' has no model yet: let it finish an epoch first.") from error
    except (zipfile.BadZipFile, OSError) as error:
        raise UserError(
            f"'{run.model.name}' is not a .keras model file: expected a file saved by BCC or Keras 3."
        ) from error


def sample(run: Run, dataset: Dataset, per_class: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows of classes that the run knows and was not trained on, and their labels.

    Raises:
        UserError: there is none, or none was asked for.
    """
    if per_class < 1:
        raise UserError(f"Maps are scored on at least 1 image a class, not {per_class}.")
    chosen = choose_rows(run, dataset)
    rows = sample_per_class(chosen.labels, chosen.rows, len(run.class_names), per_class, seed)
    order = np.argsort(chosen.rows, kind="stable")
    labels = chosen.labels[order][np.searchsorted(chosen.rows, rows, sorter=order)]
    if not len(rows):
        raise UserError(f"'{dataset.source}' has no image of a class that run '{run.id}' knows.")
    return rows, labels


def _read(file: Path) -> pd.DataFrame | None:
    import pandas as pd

    try:
        saved = pd.read_csv(file) if file.is_file() else None
    except (OSError, ValueError):
        return None
    if saved is None or not {"row", "class", "picture", "method", "stage", *SCORES} <= set(saved):
        return None
    numbers = all(saved[name].dtype.kind in "fi" for name in ("row", "picture", *SCORES))
    return saved if numbers and len(saved) else None


def _write(file: Path, scores: pd.DataFrame) -> None:
    """Save the scores, unless the run's folder cannot be written to."""
    text = io.StringIO()
    scores.to_csv(text, index=False)
    try:
        file.parent.mkdir(exist_ok=True)
        with replacing(file) as place:
            place.write(text.getvalue().encode())
    except OSError:
        return
