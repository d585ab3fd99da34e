"""How evenly the classes are filled, and weights that make up for it.

Only counting; how a loss uses the weights is a matter of training.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from bcc.datasets.dataset import SPLITS
from bcc.errors import UserError

if TYPE_CHECKING:
    import pandas as pd


def class_balance(
    labels: np.ndarray, class_names: Sequence[str], split: np.ndarray | None = None
) -> pd.DataFrame:
    """Count the rows of each class.

    Args:
        labels: int64 (N,).
        class_names: of all classes, those without rows too.
        split: int8 (N,), positions in `SPLITS` or -1.

    Returns:
        One row per class, in order: `class`, `count`, `share` (0..1 of all rows), and with a split also
        `train`, `validation` and `test` (counts; rows at -1 are in `count` only).
    """
    import pandas as pd

    counts = np.bincount(labels, minlength=len(class_names))
    columns: dict[str, object] = {
        "class": list(class_names),
        "count": counts,
        "share": counts / max(len(labels), 1),
    }
    if split is not None:
        for position, side in enumerate(SPLITS):
            columns[side] = np.bincount(labels[split == position], minlength=len(class_names))
    return pd.DataFrame(columns)


def imbalance_ratio(counts: np.ndarray | Sequence[int]) -> float:
    """Rows of the largest class over those of the smallest that has any; 1 is perfectly even.

    Args:
        counts: rows per class.

    Returns:
        At least 1; 1 where no class has rows.
    """
    filled = np.asarray(counts)[np.asarray(counts) > 0]
    return float(filled.max() / filled.min()) if filled.size else 1.0


def effective_number(counts: np.ndarray | Sequence[int], beta: float = 0.999) -> np.ndarray:
    """Effective number of samples of each class, (1 - beta^n) / (1 - beta).

    Cui, Jia, Lin, Song, Belongie, "Class-Balanced Loss Based on Effective Number of Samples", CVPR 2019.

    Args:
        counts: rows per class.
        beta: 0 gives 1 to every class that has rows; towards 1 it comes near the counts.

    Returns:
        float64 (K,).

    Raises:
        UserError: beta is not in 0..1 (1 excluded).
    """
    if not 0 <= beta < 1:
        raise UserError(f"'beta' must be at least 0 and below 1, not {beta}; 0.999 is usual.")
    n = np.asarray(counts, np.float64)
    # expm1 keeps precision where beta^n is very near 1.
    effective: np.ndarray = (n > 0) * 1.0 if beta == 0 else -np.expm1(n * np.log(beta)) / (1 - beta)
    return effective


def balanced_class_weights(counts: np.ndarray | Sequence[int]) -> np.ndarray:
    """Weights that give every class the same say: rows / (classes x rows of the class).

    scikit-learn calls this "balanced".

    Args:
        counts: rows per class.

    Returns:
        float64 (K,); 0 for a class without rows, which is not counted among the classes. The weighted
        rows add up to the number of rows.
    """
    n = np.asarray(counts, np.float64)
    present = n > 0
    weights = np.zeros_like(n)
    if present.any():
        weights[present] = n.sum() / (present.sum() * n[present])
    return weights
