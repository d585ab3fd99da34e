"""Class balance, and how to compensate for imbalance: class weights, or oversampling rare classes.

This module only counts; how a loss uses the weights is left to training.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

from bcc.datasets.dataset import SPLITS
from bcc.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

EVERYTHING = "all"
"""Name of the whole dataset, alongside the names of its splits."""
LEFT_OUT = "left out"
"""What rows on no side of a split are called."""


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
    """Ratio of the largest class to the smallest that has any rows; 1 is perfectly even.

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
        beta: 0 gives 1 for every class that has rows; towards 1 the result approaches the counts.

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
    """Class weights by which every class contributes equally: rows / (classes x rows of the class).

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


def effective_number_weights(counts: np.ndarray | Sequence[int], beta: float = 0.999) -> np.ndarray:
    """Class weights from the effective number of samples (Cui et al. 2019).

    Milder than `balanced_class_weights`, and the milder the further beta is from 1.

    Args:
        counts: rows per class.
        beta: see `effective_number`; 0 weighs all rows alike.

    Returns:
        float64 (K,); 0 for a class without rows. As with `balanced_class_weights` the weighted rows add up to
        the number of rows, so that the learning rate keeps its meaning.

    Raises:
        UserError: beta is not in 0..1 (1 excluded).
    """
    n = np.asarray(counts, np.float64)
    effective = effective_number(n, beta)
    weights = np.divide(1.0, effective, out=np.zeros_like(n), where=n > 0)
    total = float((weights * n).sum())
    return np.asarray(weights * (n.sum() / total) if total else weights)


def class_weight_table(
    counts: np.ndarray | Sequence[int], class_names: Sequence[str], beta: float = 0.999
) -> pd.DataFrame:
    """Tabulate the rows and the weights of each class.

    Returns:
        One row per class, in order: `class`, `count`, `share` (0..1), `effective_number`, `inverse_weight`
        (`balanced_class_weights`), `effective_number_weight`.

    Raises:
        UserError: beta is not in 0..1 (1 excluded).
    """
    import pandas as pd

    n = np.asarray(counts, np.int64)
    return pd.DataFrame(
        {
            "class": list(class_names),
            "count": n,
            "share": n / max(int(n.sum()), 1),
            "effective_number": effective_number(n, beta),
            "inverse_weight": balanced_class_weights(n),
            "effective_number_weight": effective_number_weights(n, beta),
        }
    )


def balance_by_side(
    labels: np.ndarray,
    class_names: Sequence[str],
    split: np.ndarray | None = None,
    keep: np.ndarray | None = None,
    new_labels: np.ndarray | None = None,
) -> pd.DataFrame:
    """Count the rows of each class in each split, before and after a selection.

    Args:
        labels: int64 (N,).
        class_names: of all classes, those without rows too.
        split: int8 (N,), positions in `SPLITS` or -1.
        keep: bool (N,), what a selection leaves (`Selection.apply`); all rows when missing.
        new_labels: int64 (N,), positions in `class_names` after a person has changed some, -1 for none; as
            before when missing.

    Returns:
        A row per side and class: `side` ("all", and with a split "train", "validation", "test" and, where
        there are such rows, "left out"), `class`, `count` and `share` of all rows of the side (0..1),
        `kept_count` and `kept_share` of those that the selection keeps.
    """
    import pandas as pd

    kept = np.ones(len(labels), bool) if keep is None else np.array(keep, bool)
    later = labels if new_labels is None else new_labels
    kept &= later >= 0
    parts = []
    for side, inside in _sides(len(labels), split).items():
        counts = np.bincount(labels[inside], minlength=len(class_names))
        after = np.bincount(later[inside & kept], minlength=len(class_names))
        parts.append(
            pd.DataFrame(
                {
                    "side": side,
                    "class": list(class_names),
                    "count": counts,
                    "share": counts / max(int(counts.sum()), 1),
                    "kept_count": after,
                    "kept_share": after / max(int(after.sum()), 1),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def balance_summary(
    labels: np.ndarray,
    class_names: Sequence[str],
    split: np.ndarray | None = None,
    keep: np.ndarray | None = None,
    new_labels: np.ndarray | None = None,
) -> pd.DataFrame:
    """Measure the class balance of each split, before and after a selection.

    Args:
        labels, class_names, split, keep, new_labels: as in `balance_by_side`.

    Returns:
        A row per side: `side`, `pictures`, `imbalance_ratio`, `kept_pictures`, `kept_imbalance_ratio`,
        `smallest_class` and `largest_class` (names, of the kept rows; "" where there are none),
        `empty_classes` (how many have no kept row on that side).
    """
    import pandas as pd

    table = balance_by_side(labels, class_names, split, keep, new_labels)
    lines = []
    for side, part in table.groupby("side", sort=False):
        counts, after = part["count"].to_numpy(), part["kept_count"].to_numpy()
        filled = part[part["kept_count"] > 0].sort_values("kept_count", kind="stable")["class"]
        lines.append(
            {
                "side": side,
                "pictures": int(counts.sum()),
                "imbalance_ratio": imbalance_ratio(counts),
                "kept_pictures": int(after.sum()),
                "kept_imbalance_ratio": imbalance_ratio(after),
                "smallest_class": filled.iloc[0] if len(filled) else "",
                "largest_class": filled.iloc[-1] if len(filled) else "",
                "empty_classes": int((after == 0).sum()),
            }
        )
    return pd.DataFrame(lines)


def oversampling(
    counts: np.ndarray | Sequence[int],
    class_names: Sequence[str],
    target: int | Literal["largest"] = "largest",
) -> pd.DataFrame:
    """Compute the effect of oversampling small classes.

    Nothing is undersampled: a class that has more rows than the target keeps them all.

    Args:
        counts: rows per class, of the training split.
        class_names: of all classes.
        target: rows that every class is to have at least, or "largest" for those of the largest class.

    Returns:
        One row per class, in order: `class`, `count`, `added` (images shown again), `total`,
        `repeats` (how often each image is shown, on average), `most_repeats` (the most often; the others
        at most once less). A class without rows has nothing to repeat and gets none.

    Raises:
        UserError: the target is below 1.
    """
    import pandas as pd

    n = np.asarray(counts, np.int64)
    wanted = int(n.max(initial=0)) if target == "largest" else int(target)
    if target != "largest" and wanted < 1:
        raise UserError(f"Classes cannot be filled up to {wanted} images; give 1 or more.")
    total = np.where(n > 0, np.maximum(n, wanted), 0)
    some = np.maximum(n, 1)
    return pd.DataFrame(
        {
            "class": list(class_names),
            "count": n,
            "added": total - n,
            "total": total,
            "repeats": total / some,
            "most_repeats": -(-total // some),
        }
    )


def _sides(rows: int, split: np.ndarray | None) -> dict[str, np.ndarray]:
    """Side -> bool (N,), the rows on it."""
    sides = {EVERYTHING: np.ones(rows, bool)}
    if split is None:
        return sides
    sides |= {side: split == position for position, side in enumerate(SPLITS)}
    nowhere = split < 0
    return sides | ({LEFT_OUT: nowhere} if nowhere.any() else {})
