"""Twelve named distortions at five strengths: one number, one heat map, comparable between runs.

Geometry, colour, stain, optics and hiding; none mixes labels. Seeds, strengths and magnitudes are fixed, and
`VERSION` counts their changes: only numbers of the same version and the same rows compare. After Hendrycks
and Dietterich, "Benchmarking neural network robustness to common corruptions and perturbations", 2019.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from pydantic import TypeAdapter

from bcc.atomic_files import write_json
from bcc.augment import Augmentation, find
from bcc.datasets import Dataset
from bcc.errors import UserError
from bcc.evaluation.robustness.strength_curve import STRENGTHS, Progress, strength_curve
from bcc.evaluation.rows import choose_rows
from bcc.json_files import read_json
from bcc.runs import Run
from bcc.runs.file_mark import file_mark

if TYPE_CHECKING:
    import pandas as pd

    from bcc.models.prediction import Predictor

VERSION = 2
"""Of the definition below and of what its steps do to an image; another one makes other numbers."""
SEED = 20_231
SAMPLE = 256
"""Images, unless all rows are asked for."""

_DEFINITION: dict[str, tuple[str, dict[str, Any]]] = {
    "rotation": ("rotation", {"degrees": 180}),
    "translation": ("translation", {"horizontal": 0.25, "vertical": 0.25}),
    "zoom": ("zoom", {"closer": 0.6, "farther": 0.6}),
    "elastic": ("elastic", {"strength": 0.05, "detail": 0.5}),
    "brightness": ("brightness", {"change": 0.6}),
    "contrast": ("contrast", {"change": 0.8}),
    "hue": ("hue", {"turn": 0.15}),
    "stain": ("stain_jitter", {"azure": 0.6, "eosin": 0.6}),
    "blur": ("gaussian_blur", {"sigma": 3.0}),
    "noise": ("noise", {"level": 40}),
    "jpeg": ("jpeg", {"quality": 5}),
    "cutout": ("cutout", {"size": 0.5}),
}
"""Name -> the augmentation and its values at full strength, for images of about 96 px."""

NAMES = tuple(_DEFINITION)


def distortions() -> dict[str, Augmentation]:
    """The twelve, at full strength."""
    return {name: find(kind)(**values) for name, (kind, values) in _DEFINITION.items()}


@dataclass(frozen=True)
class Robustness:
    """What the benchmark found.

    Attributes:
        table: one dict a distortion and strength: `distortion`, `topic`, `strength`, `accuracy` (0..1), `n`.
        clean: accuracy on the same images as they are.
        mean: over all distortions and strengths.
        drop: how much of the clean accuracy is lost on average.
        n: images.
        rows: "all", or how many were sampled.
        version: of the definition.
    """

    table: list[dict[str, Any]]
    clean: float
    mean: float
    drop: float
    n: int
    rows: str
    version: int = VERSION

    def frame(self) -> pd.DataFrame:
        """`table` as a frame."""
        import pandas as pd

        return pd.DataFrame(self.table)


def measure(
    predictor: Predictor,
    dataset: Dataset,
    rows: np.ndarray,
    labels: np.ndarray,
    asked: str = "all",
    progress: Progress | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Robustness:
    """Run the benchmark on given rows.

    Args:
        predictor: a model ready to predict.
        dataset: the images.
        rows: int (M,), which of them.
        labels: int (M,), right answers as positions in the model's outputs, -1 for none.
        asked: what `Robustness.rows` says.
        progress: called with (share done, sentence).
        cancel: asked between batches; true ends the work with `Cancelled`.
    """
    table: list[dict[str, Any]] = []
    clean = 0.0
    for place, (name, augmentation) in enumerate(distortions().items()):

        def report(share: float, text: str, place: int = place) -> None:
            if progress:
                progress((place + share) / len(NAMES), text)

        # The plain images are asked about once.
        strengths = STRENGTHS if place else (0.0, *STRENGTHS)
        curve = strength_curve(
            predictor, dataset, rows, augmentation, strengths, SEED, report, cancel, labels
        )
        for one in curve.to_dict("records"):
            if one["strength"] == 0:
                clean = float(one["accuracy"])
                continue
            table.append(
                {
                    "distortion": name,
                    "topic": augmentation.topic if name != "stain" else "stain",
                    "strength": float(one["strength"]),
                    "accuracy": float(one["accuracy"]),
                    "n": int(one["n"]),
                }
            )
    mean = float(np.mean([one["accuracy"] for one in table]))
    return Robustness(table, clean, mean, clean - mean, len(rows), asked)


def robustness(
    run: Run,
    dataset: Dataset,
    rows: int | Literal["all"] = SAMPLE,
    progress: Progress | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Robustness:
    """Run the benchmark on a run; the result is kept in the run's directory and read from there next time.

    Args:
        run: a run with a model.
        dataset: its own data or any other, preprocessed as the run wants it.
        rows: how many images, drawn by class with a fixed seed, or "all"; of those that `evaluate` scores.
        progress: called with (share done, sentence).
        cancel: asked between batches; true ends the work with `Cancelled`.

    Raises:
        UserError: the run has no readable model, there is nothing to score, or the number is below 1.
        Cancelled: `cancel` said so.
    """
    if rows != "all" and rows < 1:
        raise UserError(f"The benchmark needs at least one image, not {rows}.")
    path = _kept(run, dataset, rows)
    known = saved_robustness(run, dataset, rows)
    if known is not None:
        return known
    from bcc.models.prediction import Predictor
    from bcc.models.saving import load_model

    chosen = choose_rows(run, dataset)
    places = np.arange(len(chosen.rows))
    if rows != "all":
        places = stratified_sample(chosen.labels, rows)
    result = measure(
        Predictor(load_model(run.model)),
        dataset,
        chosen.rows[places],
        chosen.labels[places],
        "all" if rows == "all" else str(len(places)),
        progress,
        cancel,
    )
    path.parent.mkdir(exist_ok=True)
    write_json(path, asdict(result))
    return result


def saved_robustness(run: Run, dataset: Dataset, rows: int | Literal["all"] = SAMPLE) -> Robustness | None:
    """What was measured before on the same model, data and sample; `None` where nothing was.

    Raises:
        UserError: the run has no model.
    """
    path = _kept(run, dataset, rows)
    if not path.is_file():
        return None
    try:
        return TypeAdapter(Robustness).validate_python(read_json(path))
    except (ValueError, OSError):
        # Damaged, or of another layout: to be measured anew.
        return None


def stratified_sample(labels: np.ndarray, number: int, seed: int = SEED) -> np.ndarray:
    """Places in `labels`, drawn so that each class keeps its share as nearly as whole images can.

    Args:
        labels: int (N,).
        number: exactly how many; all where there are no more. Where it is as many as there are classes or
            more, none of them is left out.
        seed: of the draw.

    Returns:
        int64 (M,), ascending.
    """
    if number >= len(labels):
        return np.arange(len(labels))
    rng = np.random.default_rng(seed)
    classes, counts = np.unique(labels, return_counts=True)
    exact = counts * number / len(labels)
    least = int(number >= len(classes))
    take = np.maximum(np.floor(exact).astype(int), least)
    while take.sum() < number:
        take[np.argmax(np.where(take < counts, exact - take, -np.inf))] += 1
    while take.sum() > number:
        take[np.argmax(np.where(take > least, take - exact, -np.inf))] -= 1
    drawn = [
        rng.choice(np.flatnonzero(labels == name), size, replace=False)
        for name, size in zip(classes, take, strict=True)
    ]
    return np.sort(np.concatenate(drawn))


def _kept(run: Run, dataset: Dataset, rows: int | Literal["all"]) -> Path:
    """Where a result lies: named by the model's bytes, the data, the definition and the sample."""
    if not run.model.is_file():
        raise UserError(f"Run '{run.id}' has no model yet: let it train for an epoch first.")
    about = json.dumps(
        [file_mark(run.model), dataset.fingerprint, VERSION, SEED, STRENGTHS, _DEFINITION, rows]
    )
    name = hashlib.blake2b(about.encode(), digest_size=10).hexdigest()
    return run.folder / "robustness" / f"{name}.json"
