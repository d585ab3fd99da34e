"""Ten made-up laboratories: the same cells as another microscope, bottle of dye or camera would show them.

What differs between laboratories is named in the literature again and again: white balance and background,
the colours and amounts of the dyes, how large a cell is in the image, resolution and focus, exposure. A
laboratory here is a fixed change of that kind (not a random one: a laboratory is always itself) with a
little variation from image to image. Five may be looked at while a training recipe is searched (`sealed` is
false), five are for the end. Everything follows from a laboratory's seed and an image's row; `VERSION`
counts changes of the definition.

They are no substitute for a real other laboratory, and easier than one: smears, cells and labels are the
same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from bcc.datasets import Dataset
from bcc.evaluation.robustness.strength_curve import AT_ONCE, Cancelled, Progress
from bcc.evaluation.robustness.suite import Suite
from bcc.models.resizing import resize_batch
from bcc.wilson import wilson

if TYPE_CHECKING:
    import pandas as pd

    from bcc.models.prediction import Predictor

VERSION = 1

GLASS = (253.3, 227.5, 200.7)
"""Red, green, blue of the bare glass in the photographs that the shipped dyes were measured on."""
DYES = ((0.728, 0.592, 0.345), (0.370, 0.924, 0.097))
"""How azure and eosin darken red, green and blue light there, as in `bcc.augment`'s stain jitter."""


@dataclass(frozen=True)
class Laboratory:
    """One made-up laboratory.

    Attributes:
        name: short, in words.
        seed: of the variation from image to image.
        sealed: whether it is kept for the end of a search.
        scale: size of a cell, 1 as it is; what is missing at the border is mirrored.
        azure, eosin: colours of its dyes (red, green, blue of optical density).
        azure_amount, eosin_amount: how much of each a cell takes up, 1 as it is.
        glass: red, green, blue of its bare glass.
        exposure: factor on the light, 1 as it is.
        gamma: of its camera, 1 as it is; above 1 darker.
        side: pixels that the image is brought down to before it is blown up again; none for full resolution.
        blur: sigma in pixels of a 96 px image.
        grain: standard deviation of its noise, in levels.
    """

    name: str
    seed: int
    sealed: bool = False
    scale: float = 1.0
    azure: tuple[float, float, float] = DYES[0]
    eosin: tuple[float, float, float] = DYES[1]
    azure_amount: float = 1.0
    eosin_amount: float = 1.0
    glass: tuple[float, float, float] = GLASS
    exposure: float = 1.0
    gamma: float = 1.0
    side: int | None = None
    blur: float = 0.0
    grain: float = 0.0

    def __call__(self, image: np.ndarray, row: int) -> np.ndarray:
        """One image as this laboratory would show it: uint8 (H, W, 3) to the same."""
        rng = np.random.default_rng([self.seed, row])
        values = image.astype(np.float32)
        values = _scaled(values, self.scale * rng.uniform(0.95, 1.05) if self.scale != 1 else 1.0)
        amounts = np.array([self.azure_amount, self.eosin_amount]) * rng.uniform(0.93, 1.07, 2)
        values = _restained(values, (self.azure, self.eosin), amounts)
        balance = np.array(self.glass) / GLASS * rng.uniform(0.98, 1.02, 3)
        light = np.clip(values * balance * self.exposure, 0, 255) / 255
        light = (255 * light**self.gamma).astype(np.float32)
        if self.blur:
            light = cv2.GaussianBlur(light, (0, 0), self.blur * image.shape[0] / 96)
        if self.side is not None and self.side < image.shape[0]:
            small = cv2.resize(light, (self.side, self.side), interpolation=cv2.INTER_AREA)
            light = cv2.resize(small, (image.shape[1], image.shape[0]), interpolation=cv2.INTER_CUBIC)
        if self.grain:
            light = light + rng.normal(0, self.grain, light.shape)
        return np.asarray(np.rint(np.clip(light, 0, 255)), np.uint8)


def _scaled(image: np.ndarray, scale: float) -> np.ndarray:
    if scale == 1:
        return image
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), 0, scale)
    return np.asarray(
        cv2.warpAffine(
            image, matrix, (width, height), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REFLECT_101
        )
    )


def _restained(
    image: np.ndarray, dyes: tuple[tuple[float, float, float], ...], amounts: np.ndarray
) -> np.ndarray:
    """The same amounts of dye, times a factor each, in other colours; what no dye explains stays."""
    old, new = (np.array(pair, np.float64) for pair in (DYES, dyes))
    old, new = (pair / np.linalg.norm(pair, axis=1, keepdims=True) for pair in (old, new))
    density = np.log((np.array(GLASS) + 1) / (image.astype(np.float64) + 1))
    found = np.maximum(np.maximum(density, 0) @ np.linalg.pinv(old), 0)
    changed = density + (found * amounts) @ new - found @ old
    return np.asarray((np.array(GLASS) + 1) * np.exp(-changed) - 1, np.float32)


LABORATORIES = (
    Laboratory("white light", 4_101, glass=(238, 239, 244)),
    Laboratory(
        "rapid stain", 4_102, sealed=True,
        azure=(0.80, 0.57, 0.20), eosin=(0.22, 0.93, 0.30), azure_amount=1.25, eosin_amount=0.6,
    ),
    Laboratory("small cells", 4_103, sealed=True, scale=0.6),
    Laboratory("smaller cells", 4_104, scale=0.8),
    Laboratory("larger cells", 4_105, sealed=True, scale=1.25),
    Laboratory("large cells", 4_106, scale=1.6),
    Laboratory("coarse camera", 4_107, sealed=True, side=48, blur=0.6),
    Laboratory("bright light", 4_108, exposure=1.22, gamma=0.8),
    Laboratory(
        "lilac and soft", 4_109, scale=0.75, glass=(228, 218, 228), azure=(0.66, 0.66, 0.36),
        eosin=(0.30, 0.92, 0.24), eosin_amount=0.8, blur=0.8,
    ),
    Laboratory(
        "dim and grainy", 4_110, sealed=True, scale=1.3, glass=(222, 216, 160), exposure=0.85, gamma=1.2,
        azure=(0.76, 0.60, 0.24), azure_amount=0.8, eosin_amount=1.3, side=56, grain=6,
    ),
)  # fmt: skip

OPEN = tuple(laboratory.name for laboratory in LABORATORIES if not laboratory.sealed)
"""Those that may be looked at while a recipe is searched."""


@dataclass(frozen=True)
class InLaboratories:
    """What the suite found.

    Attributes:
        table: a dict a laboratory: `laboratory`, `accuracy` (0..1), `sealed`, `n`.
        mean: of the accuracies.
        worst: the lowest of them.
        clean: accuracy on the same images as they are.
        n: images.
        rows: "all", or how many were sampled.
        version: of the definition.
    """

    table: list[dict[str, Any]]
    mean: float
    worst: float
    clean: float
    n: int
    rows: str
    version: int = VERSION

    def frame(self) -> pd.DataFrame:
        """`table` as a frame, with `low` and `high`, Wilson's 95 % interval."""
        import pandas as pd

        table = pd.DataFrame(self.table)
        low, high = wilson(table["accuracy"].to_numpy(), table["n"].to_numpy())
        return table.assign(low=low, high=high)


def measure(
    predictor: Predictor,
    dataset: Dataset,
    rows: np.ndarray,
    labels: np.ndarray,
    asked: str = "all",
    progress: Progress | None = None,
    cancel: Callable[[], bool] | None = None,
    names: tuple[str, ...] | None = None,
) -> InLaboratories:
    """Run the suite on given rows.

    Args:
        names: which laboratories; all ten when missing. The others as of
            `bcc.evaluation.robustness.single_distortions.measure`.
    """
    rows, labels = np.asarray(rows), np.asarray(labels)
    chosen = [one for one in LABORATORIES if names is None or one.name in names]
    right = np.empty((len(chosen) + 1, len(rows)), bool)
    for start in range(0, len(rows), AT_ONCE):
        if cancel and cancel():
            raise Cancelled
        part = slice(start, start + AT_ONCE)
        images = resize_batch(np.asarray(dataset.images[rows[part]]), predictor.image_size)
        right[-1, part] = predictor(images).argmax(axis=1) == labels[part]
        for place, laboratory in enumerate(chosen):
            shown = [laboratory(image, int(row)) for image, row in zip(images, rows[part], strict=True)]
            right[place, part] = predictor(np.stack(shown)).argmax(axis=1) == labels[part]
        if progress:
            done = min(start + AT_ONCE, len(rows))
            progress(done / len(rows), f"Made-up laboratories: {done:,} of {len(rows):,} images")
    accuracies = right.mean(axis=1)
    table = [
        {"laboratory": one.name, "accuracy": float(accuracy), "sealed": one.sealed, "n": len(rows)}
        for one, accuracy in zip(chosen, accuracies[:-1], strict=True)
    ]
    return InLaboratories(
        table,
        float(accuracies[:-1].mean()),
        float(accuracies[:-1].min()),
        float(accuracies[-1]),
        len(rows),
        asked,
    )


SUITE = Suite("laboratories", (VERSION,), measure, InLaboratories)
"""The suite, for runs."""
