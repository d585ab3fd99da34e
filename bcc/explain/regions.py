"""Masks of cell and nucleus in explained images: exact for painted cells, otherwise estimated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bcc.cells.masks import cell_mask, masks, nucleus_mask
from bcc.datasets import Dataset

WITHOUT_NUCLEUS = ("platelet", "platelets", "thrombocyte", "thrombocytes")
"""Classes that have none, whatever a mask finds in them."""


@dataclass(frozen=True)
class Regions:
    """Masks of some rows.

    Attributes:
        cells, nuclei: bool (N, H, W); a nucleus is empty where there is none.
        exact: whether they were painted, not found.
    """

    cells: np.ndarray
    nuclei: np.ndarray
    exact: bool


def regions(dataset: Dataset, rows: np.ndarray) -> Regions:
    """Masks of cell and nucleus.

    Args:
        rows: int64 (N,).
    """
    files = [dataset.folder / f"{name}_masks.npy" for name in ("cell", "nucleus")]
    exact = all(file.exists() for file in files)
    if exact:
        cells, nuclei = (np.load(file, mmap_mode="r")[rows] > 0 for file in files)
    else:
        cells, nuclei = (masks(dataset.images, kind, rows) for kind in (cell_mask, nucleus_mask))
    names = np.array([name.casefold() for name in dataset.class_names])[dataset.labels[rows]]
    nuclei = nuclei & ~np.isin(names, WITHOUT_NUCLEUS)[:, None, None]
    return Regions(cells, nuclei, exact)
