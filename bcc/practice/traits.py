"""Traits of a cell that words have a name for, measured in its image, and how far each tells two classes
apart.

They are measured through the masks of cell and nucleus (`bcc.cells`), so that an image whose mask is wrong
has wrong traits. None of them was learned from what pathologists see: they are sizes, shapes and amounts of
dye.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bcc.cells.shapes import SHAPE_COLUMNS, shape_features
from bcc.progress import Progress
from bcc.safe_text import capital


@dataclass(frozen=True)
class Trait:
    """One trait.

    Attributes:
        title: what is measured.
        more: what a cell with much of it is like ("larger").
        unit: how the number reads: "%" of a share, "" for a plain number.
    """

    title: str
    more: str
    unit: str = ""


TRAITS: dict[str, Trait] = {
    "size": Trait("diameter of the cell, of the image's width", "larger", "%"),
    "outline": Trait("roundness of the cell", "rounder", "%"),
    "nucleus_share": Trait("share of the cell that the nucleus fills", "more of it nucleus", "%"),
    "nucleus_roundness": Trait("roundness of the nucleus", "with a rounder nucleus", "%"),
    "nucleus_fullness": Trait("how free of dents the nucleus is", "with fewer dents in the nucleus", "%"),
    "nucleus_pieces": Trait("pieces of the nucleus", "with more pieces of nucleus"),
    "nucleus_darkness": Trait("density of the nucleus", "with a darker nucleus", " OD"),
    "chromatin": Trait("coarseness of the chromatin", "with coarser chromatin", " OD"),
    "blue": Trait("blue in the cytoplasm", "with bluer cytoplasm", " OD"),
    "pink": Trait("pink in the cytoplasm", "with pinker cytoplasm", " OD"),
    "orange": Trait("orange in the cytoplasm", "with more orange cytoplasm", " OD"),
    "granules": Trait("granularity of the cytoplasm", "with grainier cytoplasm", " OD"),
}
"""By the name of the column of `measure_traits`."""


def measure_traits(images: np.ndarray, rows: np.ndarray, progress: Progress | None = None) -> pd.DataFrame:
    """Measure the traits of some images.

    Args:
        images: uint8 (N, H, W, 3) RGB, may be memory-mapped.
        rows: int64 (M,), which.
        progress: called with (share done, sentence).

    Returns:
        A line per row with the columns `TRAITS`: shares in 0..1, optical densities; NaN where no cell is
        found, and for traits of a nucleus where there is none.
    """
    found = pd.DataFrame(shape_features(images, progress, rows=rows), columns=list(SHAPE_COLUMNS))
    # What absorbs red looks blue; green and not red, pink; blue more than red, orange.
    red, green, blue = (found[f"cytoplasm_density_{name}"] for name in ("red", "green", "blue"))
    table = pd.DataFrame(
        {
            "size": 2 * np.sqrt(found["cell_area"] / np.pi),
            "outline": found["cell_roundness"],
            "nucleus_share": found["nucleus_share"],
            "nucleus_roundness": found["nucleus_roundness"],
            "nucleus_fullness": found["nucleus_solidity"],
            "nucleus_pieces": found["nucleus_parts"],
            "nucleus_darkness": found["nucleus_density_green"],
            "chromatin": found["nucleus_grain_green"],
            "blue": red,
            "pink": green - red,
            "orange": blue - red,
            "granules": found["cytoplasm_grain_green"],
        }
    ).astype(np.float64)
    table[found["cell_area"] == 0] = np.nan
    about_nucleus = ["nucleus_roundness", "nucleus_fullness", "nucleus_darkness", "chromatin"]
    table.loc[found["nucleus_area"] == 0, about_nucleus] = np.nan
    return table


def telling_apart(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """How far each trait alone tells two classes apart, the best first.

    Args:
        first, second: of `measure_traits`, cells of each class.

    Returns:
        `trait`, `first` and `second` (medians), `area` (under the ROC curve, 0.5 to 1: how often a cell of
        the class with more of it has more of it than a cell of the other), `more` ("first" or "second"),
        `threshold` (the value that separates them best), `above_first` and `above_second` (shares of cells
        above it), `n_first`, `n_second`. The threshold is chosen on the same cells, which flatters it a
        little. Traits that fewer than five cells of a class have are left out.
    """
    lines = []
    for name in TRAITS:
        one, other = first[name].dropna().to_numpy(), second[name].dropna().to_numpy()
        if min(len(one), len(other)) < 5:
            continue
        # Ties count half; by ranks, as Mann and Whitney do.
        below = np.searchsorted(np.sort(other), one, "left") + np.searchsorted(np.sort(other), one, "right")
        area = float(below.sum() / (2 * len(one) * len(other)))
        threshold, above_one, above_other = _best_threshold(one, other)
        lines.append(
            {
                "trait": name,
                "first": float(np.median(one)),
                "second": float(np.median(other)),
                "area": max(area, 1 - area),
                "more": "first" if area >= 0.5 else "second",
                "threshold": threshold,
                "above_first": above_one,
                "above_second": above_other,
                "n_first": len(one),
                "n_second": len(other),
            }
        )
    columns = ["trait", "first", "second", "area", "more", "threshold", "above_first", "above_second"]
    columns += ["n_first", "n_second"]
    return pd.DataFrame(lines, columns=columns).sort_values("area", ascending=False).reset_index(drop=True)


def in_words(line: pd.Series, first: str, second: str) -> str:
    """One line of `telling_apart` as a sentence.

    Args:
        line: the line.
        first, second: names of the classes.
    """
    trait = TRAITS[str(line["trait"])]
    names = (first, second) if line["more"] == "first" else (second, first)
    more, less = ("first", "second") if line["more"] == "first" else ("second", "first")
    return (
        f"{capital(trait.title)} above {number(line['threshold'], trait.unit)}: "
        f"{names[0]} {line[f'above_{more}']:.0%}, {names[1]} {line[f'above_{less}']:.0%}."
    )


def number(value: float, unit: str) -> str:
    """A value of a trait as people read it."""
    if unit == "%":
        return f"{value:.0%}"
    return f"{value:.2f}{unit}"


def _best_threshold(one: np.ndarray, other: np.ndarray) -> tuple[float, float, float]:
    """The value whose shares above differ most (Youden), halfway between two values, and both shares."""
    values = np.unique(np.concatenate([one, other]))
    cuts = np.concatenate([[values[0] - 1e-9], (values[1:] + values[:-1]) / 2])
    above_one = 1 - np.searchsorted(np.sort(one), cuts, "right") / len(one)
    above_other = 1 - np.searchsorted(np.sort(other), cuts, "right") / len(other)
    best = int(np.abs(above_one - above_other).argmax())
    return float(cuts[best]), float(above_one[best]), float(above_other[best])
