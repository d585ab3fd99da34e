"""Which images the weights that a run starts from have seen."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bcc.errors import UserError
from bcc.models.shipped_weights import NAMES, shipped
from bcc.runs import Run, is_run, read_first_rows


def rows_behind(weights: str) -> np.ndarray | None:
    """Hashes of the images that weights were trained on, whatever generations of runs lie between.

    Args:
        weights: the option of that name.

    Returns:
        uint64 (M, 2); none for random and ImageNet weights, `None` where nobody can know (a file of its own).
    """
    if weights in ("none", "imagenet"):
        return np.empty((0, 2), np.uint64)
    if weights in NAMES:
        return shipped(weights).row_hashes()
    path = Path(weights)
    run = Run(path if path.is_dir() else path.parent)
    if not is_run(run.folder):
        return None
    try:
        _, trained = run.read_split()
        return np.unique(np.concatenate([trained, read_first_rows(run)]), axis=0)
    except UserError:
        return None
