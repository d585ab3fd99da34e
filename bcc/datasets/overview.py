"""A dataset at a glance: a few numbers, and a row per class.

Everything is counted from what a `Dataset` already holds; no image is read. The split is decided elsewhere
and passed in as an array.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bcc.datasets.balance import (
    LEFT_OUT,
    balanced_class_weights,
    class_balance,
    effective_number,
    imbalance_ratio,
)
from bcc.datasets.dataset import SPLITS, Dataset
from bcc.datasets.identity import duplicate_groups, first_of_each

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Overview:
    """Summary of a dataset.

    Attributes:
        images: rows in all.
        classes: class names, those without rows too.
        height, width: of an image, in pixels.
        imbalance_ratio: rows of the largest class over those of the smallest that has any.
        exact_duplicates: rows with the same pixels as an earlier row.
    """

    images: int
    classes: int
    height: int
    width: int
    imbalance_ratio: float
    exact_duplicates: int


def overview(dataset: Dataset) -> Overview:
    """Summarise a dataset."""
    counts = np.bincount(dataset.labels, minlength=len(dataset.class_names))
    height, width = dataset.image_shape
    copies = int((~first_of_each(dataset.row_hashes)).sum())
    return Overview(len(dataset), len(dataset.class_names), height, width, imbalance_ratio(counts), copies)


def class_table(dataset: Dataset, sides: np.ndarray | None = None) -> pd.DataFrame:
    """Tabulate each class: its images, their splits, and the class weight.

    Args:
        dataset: the set.
        sides: int8 (N,), positions in `SPLITS` or -1 for a row left out.

    Returns:
        `class`, `count`, `share` (0..1), with `sides` also `train`, `validation`, `test` and `left out`,
        then `effective_number` (beta 0.999) and `class_weight` (balanced). The last two come from the
        training rows, since only those are learned from, and from all rows where there are no sides.
    """
    table = class_balance(dataset.labels, dataset.class_names, sides)
    if sides is not None:
        table[LEFT_OUT] = table["count"] - table[list(SPLITS)].sum(axis=1)
    counts = table["train" if sides is not None else "count"].to_numpy()
    table["effective_number"] = effective_number(counts)
    table["class_weight"] = balanced_class_weights(counts)
    return table


def split_counts(table: pd.DataFrame) -> pd.DataFrame:
    """Return the counts of `class_table` in long form, for a bar chart.

    Returns:
        `class` and `count`, and with sides `split` too; splits without any row are omitted.
    """
    sides = [side for side in (*SPLITS, LEFT_OUT) if side in table and table[side].any()]
    if not sides:
        return table[["class", "count"]]
    return table.drop(columns="count").melt(
        id_vars="class", value_vars=sides, var_name="split", value_name="count"
    )


def rows_without_copies(dataset: Dataset) -> np.ndarray:
    """Return rows whose pixels no other row has; all rows if every image has copies. int64 (M,).

    Images that were planted or used as padding often occur many times; a typical cell occurs once.
    """
    group = duplicate_groups(dataset.row_hashes)
    single = np.flatnonzero(np.bincount(group)[group] == 1)
    return single if len(single) else np.arange(len(dataset))


def rows_of_class(dataset: Dataset, class_name: str | None) -> np.ndarray:
    """Rows of one class in order, or all rows: int64 (M,)."""
    if class_name is None or class_name not in dataset.class_names:
        return np.arange(len(dataset))
    return np.flatnonzero(dataset.labels == dataset.class_names.index(class_name))
