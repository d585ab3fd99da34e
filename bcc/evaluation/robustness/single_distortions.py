"""Twelve named distortions at five strengths: one number, one heat map, comparable between runs.

Geometry, colour, stain, optics and hiding; none mixes labels. Seeds, strengths and magnitudes are fixed, and
`VERSION` counts their changes: only numbers of the same version and the same rows compare. After Hendrycks
and Dietterich, "Benchmarking neural network robustness to common corruptions and perturbations", 2019.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from bcc.augment import Augmentation, find
from bcc.datasets import Dataset
from bcc.evaluation.robustness.sample import SEED
from bcc.evaluation.robustness.strength_curve import STRENGTHS, Progress, strength_curve
from bcc.evaluation.robustness.suite import Suite

if TYPE_CHECKING:
    import pandas as pd

    from bcc.models.prediction import Predictor

VERSION = 2
"""Of the definition below and of what its steps do to an image; another one makes other numbers."""
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
    """Accuracy under every distortion and strength.

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


SINGLE = Suite("", (VERSION, SEED, STRENGTHS, _DEFINITION), measure, Robustness)
"""The suite, for runs. Its files have no name before their hash: they are older than the other suites."""
