"""Accuracy of masks on painted cells, whose true masks are known."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bcc.cells.masks import cell_mask, dice, masks, nucleus_mask, violet_mask
from bcc.datasets import Dataset
from bcc.errors import UserError

if TYPE_CHECKING:
    import pandas as pd


def has_known_masks(dataset: Dataset) -> bool:
    """Whether a dataset was painted and its true masks are saved with it."""
    return all(file.exists() for file in _files(dataset))


def painted_dice(dataset: Dataset, rows: np.ndarray | None = None) -> pd.DataFrame:
    """Mean Dice score of each mask, class by class.

    Args:
        dataset: a painted dataset with saved masks.
        rows: which rows to measure; all of them when missing.

    Returns:
        One row a class that has rows and one for "all": `class`, `pictures`, `violet_mask` and `cell_mask`
        (both against the whole cell), `nucleus_mask` (against the nucleus). 0..1, 1 is perfect.

    Raises:
        UserError: the set has no known masks.
    """
    import pandas as pd

    if not has_known_masks(dataset):
        raise UserError(
            f"{dataset.source} has no known masks to compare with; open 'synthetic' or 'synthetic-clean'."
        )
    chosen = np.arange(len(dataset)) if rows is None else np.asarray(rows, np.int64)
    cells, nuclei = (np.load(file, mmap_mode="r")[chosen] > 0 for file in _files(dataset))
    scores = pd.DataFrame(
        {
            "violet_mask": dice(masks(dataset.images, violet_mask, chosen), cells),
            "cell_mask": dice(masks(dataset.images, cell_mask, chosen), cells),
            "nucleus_mask": dice(masks(dataset.images, nucleus_mask, chosen), nuclei),
        }
    )
    names = np.array(dataset.class_names)[dataset.labels[chosen]]
    table = (
        scores.groupby(names, sort=False).mean().reindex([n for n in dataset.class_names if n in set(names)])
    )
    table.loc["all"] = scores.mean()
    images = [int((names == name).sum()) for name in table.index[:-1]] + [len(chosen)]
    table.insert(0, "pictures", images)
    return table.rename_axis("class").reset_index()


def _files(dataset: Dataset) -> list[Path]:
    return [dataset.folder / f"{name}_masks.npy" for name in ("cell", "nucleus")]
