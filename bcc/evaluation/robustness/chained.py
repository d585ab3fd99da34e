"""Several consecutive distortions of each image, as in the course's hidden test: the `chained` suite.

`bcc.evaluation.robustness.single_distortions` applies one distortion at a time, which is a diagnosis.
Images from elsewhere differ in several ways at once, and a model that keeps 94 % under single distortions
can keep 57 % under these. Each image gets 1 to 4 different operations, drawn evenly, each at a magnitude
drawn evenly from 0.3 to 1 of its stated maximum. Everything follows from `SEED` and the image's row in its
data set; `VERSION` counts changes of the definition, and only numbers of the same version and the same rows
compare.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from bcc.cells.masks import cell_mask
from bcc.datasets import Dataset
from bcc.evaluation.robustness.chained_operations import OPERATIONS, Cell
from bcc.evaluation.robustness.strength_curve import AT_ONCE, Cancelled, Progress
from bcc.evaluation.robustness.suite import Suite
from bcc.models.resizing import resize_batch
from bcc.wilson import wilson

if TYPE_CHECKING:
    import pandas as pd

    from bcc.models.prediction import Predictor

VERSION = 1
SEED = 77_101
MOST = 4
"""Operations on an image at the most; at least one."""
MAGNITUDES = (0.3, 1.0)
STILL_SEEN = 0.5
"""Share of the cell's pixels that must be in view for the cell to count as still to be seen."""
STILL_APART = 12.0
"""Levels (root mean square over the channels) by which cell and surroundings must differ for that."""


@dataclass(frozen=True)
class Chain:
    """What happens to one image: the names of its operations in order, and their magnitudes (0..1)."""

    operations: tuple[str, ...]
    magnitudes: tuple[float, ...]


@dataclass(frozen=True)
class Chained:
    """What the suite found.

    Attributes:
        accuracy: over all images, 0..1.
        clean: accuracy on the same images as they are.
        by_number: a dict for each number of operations: `operations`, `accuracy`, `n`.
        by_operation: a dict for each operation: `operation`, `accuracy` of the images that have it, `n`.
        still_seen: share of images that after the chain show at least half of their cell, and show it apart
            from its surroundings: an estimate of how far people could go.
        n: images.
        rows: "all", or how many were sampled.
        version: of the definition.
    """

    accuracy: float
    clean: float
    by_number: list[dict[str, Any]]
    by_operation: list[dict[str, Any]]
    still_seen: float
    n: int
    rows: str
    version: int = VERSION

    def frame(self) -> pd.DataFrame:
        """Both tables in one: `kind` ("operations" or "operation"), `which`, `accuracy`, `n`, and `low` and
        `high`, Wilson's 95 % interval."""
        import pandas as pd

        numbers = [
            {"kind": "operations", "which": str(one["operations"]), **_scored(one)} for one in self.by_number
        ]
        names = [
            {"kind": "operation", "which": one["operation"], **_scored(one)} for one in self.by_operation
        ]
        table = pd.DataFrame(numbers + names)
        low, high = wilson(table["accuracy"].to_numpy(), table["n"].to_numpy())
        return table.assign(low=low, high=high)


def _scored(one: dict[str, Any]) -> dict[str, Any]:
    return {"accuracy": one["accuracy"], "n": one["n"]}


def chain_of(row: int, seed: int = SEED) -> Chain:
    """The operations of an image; the same row and seed always give the same."""
    return _drawn(np.random.default_rng([seed, row]))


def _drawn(rng: np.random.Generator) -> Chain:
    number = int(rng.integers(1, MOST + 1))
    names = tuple(OPERATIONS)
    chosen = rng.choice(len(names), number, replace=False)
    magnitudes = rng.uniform(*MAGNITUDES, number)
    return Chain(tuple(names[place] for place in chosen), tuple(float(value) for value in magnitudes))


def distort(image: np.ndarray, row: int, seed: int = SEED) -> tuple[np.ndarray, bool]:
    """Put one image through its chain.

    Args:
        image: uint8 (H, W, 3) RGB.
        row: of the dataset; with the seed it decides everything.

    Returns:
        uint8 (H, W, 3), and whether its cell is still to be seen.
    """
    rng = np.random.default_rng([seed, row])
    chain = _drawn(rng)
    mask = cell_mask(image).astype(np.float32)
    # Half of the images are filled with one grey, the others with their own mean colour.
    fill = np.full(3, rng.uniform(0, 255)) if rng.random() < 0.5 else image.reshape(-1, 3).mean(axis=0)
    cell = Cell(np.ascontiguousarray(image), mask, fill)
    for name, magnitude in zip(chain.operations, chain.magnitudes, strict=True):
        OPERATIONS[name](cell, magnitude, rng)
    return np.ascontiguousarray(cell.image), _still_seen(cell, float(mask.sum()))


def _still_seen(cell: Cell, before: float) -> bool:
    """Whether enough of a cell of so many pixels is in view, and apart from what is around it."""
    inside = cell.seen >= 0.5
    if inside.sum() < max(STILL_SEEN * before, 1) or inside.all():
        return False
    apart = cell.image[inside].mean(axis=0) - cell.image[~inside].mean(axis=0)
    return float(np.sqrt((apart**2).mean())) >= STILL_APART


def measure(
    predictor: Predictor,
    dataset: Dataset,
    rows: np.ndarray,
    labels: np.ndarray,
    asked: str = "all",
    progress: Progress | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Chained:
    """Run the suite on given rows; arguments as of `bcc.evaluation.robustness.single_distortions.measure`."""
    rows, labels = np.asarray(rows), np.asarray(labels)
    plain, right = np.empty(len(rows), bool), np.empty(len(rows), bool)
    seen: list[bool] = []
    for start in range(0, len(rows), AT_ONCE):
        if cancel and cancel():
            raise Cancelled
        part = slice(start, start + AT_ONCE)
        images = resize_batch(np.asarray(dataset.images[rows[part]]), predictor.image_size)
        pairs = [distort(image, int(row)) for image, row in zip(images, rows[part], strict=True)]
        seen += [one for _, one in pairs]
        plain[part] = predictor(images).argmax(axis=1) == labels[part]
        right[part] = predictor(np.stack([image for image, _ in pairs])).argmax(axis=1) == labels[part]
        if progress:
            done = min(start + AT_ONCE, len(rows))
            progress(done / len(rows), f"Chained distortions: {done:,} of {len(rows):,} images")
    chains = [chain_of(int(row)) for row in rows]
    numbers = np.array([len(chain.operations) for chain in chains])
    by_number = [
        {"operations": number, **_accuracy(right[numbers == number])} for number in range(1, MOST + 1)
    ]
    by_operation = [
        {"operation": name, **_accuracy(right[[name in chain.operations for chain in chains]])}
        for name in OPERATIONS
    ]
    return Chained(
        float(right.mean()),
        float(plain.mean()),
        [one for one in by_number if one["n"]],
        [one for one in by_operation if one["n"]],
        float(np.mean(seen)),
        len(rows),
        asked,
    )


def _accuracy(right: np.ndarray) -> dict[str, Any]:
    return {"accuracy": float(right.mean()) if len(right) else None, "n": len(right)}


CHAINED = Suite("chained", ([VERSION, SEED],), measure, Chained)
"""The suite, for runs."""
