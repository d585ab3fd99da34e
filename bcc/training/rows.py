"""Which rows a run learns from, watches and is scored on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bcc.datasets import SPLITS, Dataset, first_of_each, split
from bcc.errors import UserError
from bcc.training.config import DataOptions

TRAIN, VALIDATION, TEST = range(3)


@dataclass(frozen=True)
class Rows:
    """A division of a data set.

    Attributes:
        split: int8 (N,), positions in `SPLITS`, -1 for rows left out.
        duplicates: rows left out because an earlier row has the same pixels.
    """

    split: np.ndarray
    duplicates: int

    def of(self, which: int) -> np.ndarray:
        """int64 (M,), rows on one side."""
        return np.flatnonzero(self.split == which)

    def sentence(self) -> str:
        """How many rows fell where, for the log."""
        counts = ", ".join(f"{len(self.of(i)):,} {name}" for i, name in enumerate(SPLITS))
        left_out = f"; {self.duplicates:,} exact duplicates left out" if self.duplicates else ""
        return f"{counts} rows{left_out}"


def divide(dataset: Dataset, options: DataOptions, seed: int) -> Rows:
    """Decide where each row goes.

    Raises:
        UserError: too few rows or classes to learn anything from.
    """
    keep = np.ones(len(dataset), bool)
    if options.drop_exact_duplicates:
        keep = first_of_each(dataset.row_hashes)
    if dataset.split is not None and options.use_own_split:
        sides = _complete(dataset, np.where(keep, dataset.split, -1), options, seed)
    else:
        sides = split(dataset, options.train, options.validation, options.test, seed, rows=keep)
    rows = Rows(sides.astype(np.int8), int((~keep).sum()))
    _check(dataset, rows)
    return rows


def _complete(dataset: Dataset, own: np.ndarray, options: DataOptions, seed: int) -> np.ndarray:
    """The file's own split; validation rows are taken from the training rows where it has none."""
    if (own == VALIDATION).any() or not (own == TRAIN).any():
        return own
    share = options.validation / (options.train + options.validation)
    divided = split(dataset, 1 - share, share, 0.0, seed, rows=own == TRAIN)
    return np.where(own == TRAIN, divided, own)


def _check(dataset: Dataset, rows: Rows) -> None:
    labels = dataset.labels[rows.of(TRAIN)]
    classes = len(np.unique(labels))
    if classes < 2:
        raise UserError(
            f"'{dataset.source}' has {classes} class{'' if classes == 1 else 'es'} among its training rows: "
            "training needs two or more."
        )
    if not len(rows.of(VALIDATION)):
        raise UserError(
            f"'{dataset.source}' leaves no validation rows ({len(dataset):,} rows in all): "
            "add pictures or raise the validation share."
        )
