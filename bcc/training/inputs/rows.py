"""Which rows a run learns from, watches and is scored on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from bcc.datasets import (
    SPLITS,
    Dataset,
    NearCopies,
    Selection,
    find_selection,
    first_of_each,
    group_numbers,
    joined_groups,
    split,
    with_labels,
)
from bcc.errors import UserError
from bcc.training.config.train_config import DataOptions

TRAIN, VALIDATION, TEST = range(3)


@dataclass(frozen=True)
class Rows:
    """A division of a dataset.

    Attributes:
        split: int8 (N,), positions in `SPLITS`, -1 for rows left out.
        duplicates: rows left out because an earlier row has the same pixels.
        deselected: rows that the selection leaves out.
        unlabelled: rows without a label.
        near_copies: what a scan found, `None` where none has looked or none was to be asked.
    """

    split: np.ndarray
    duplicates: int
    deselected: int = 0
    near_copies: NearCopies | None = None
    unlabelled: int = 0

    def of(self, which: int) -> np.ndarray:
        """int64 (M,), rows on one side."""
        return np.flatnonzero(self.split == which)

    def sentence(self) -> str:
        """How many rows fell where, for the log."""
        counts = ", ".join(f"{len(self.of(i)):,} {name}" for i, name in enumerate(SPLITS))
        selected = f"; {self.deselected:,} left out by the selection" if self.deselected else ""
        copies = f"; {self.duplicates:,} exact duplicates left out" if self.duplicates else ""
        without = f"; {self.unlabelled:,} without a label" if self.unlabelled else ""
        return f"{counts} rows{selected}{without}{copies}"

    def near_copies_summary(self) -> dict[str, Any] | None:
        """Plain values, ready for JSON: which `scan`, `when`, how many `groups` and `rows` it found, and how
        many `validation` and `test` rows have a near copy among the training rows."""
        if self.near_copies is None:
            return None
        found = self.near_copies
        sides = {side: found.also_in_training(self.split, side) for side in ("validation", "test")}
        return {
            "scan": found.scan,
            "when": found.when,
            "groups": found.groups,
            "rows": len(found.rows),
            **sides,
        }


def near_copies_sentence(summary: dict[str, Any] | None) -> str:
    """What `Rows.near_copies_summary` says, for the log."""
    if summary is None:
        return "Near copies were not looked for: they may stand on both sides of the split"
    return (
        f"Near copies, by scan {summary['scan']}: {summary['rows']:,} rows in {summary['groups']:,} groups; "
        f"{summary['test']:,} test and {summary['validation']:,} validation rows have one among the "
        "training rows"
    )


def divide(
    dataset: Dataset,
    options: DataOptions,
    seed: int,
    selection: Selection | None = None,
    near_copies: NearCopies | None = None,
) -> Rows:
    """Decide where each row goes.

    Args:
        dataset: the set.
        options: shares, duplicates, and the selection to open where none is given.
        seed: of the draw.
        selection: the rows to leave out, already open (a run's own copy).
        near_copies: what stays together, already open; else those of the scan that the options name.

    Raises:
        UserError: too few rows or classes to learn anything from, or the selection is missing, damaged
            or of another set, or the scan that is named is not there.
    """
    if near_copies is None and options.scan != "none":
        from bcc.quality import near_copies_of

        near_copies = near_copies_of(dataset, options.scan)
    together = None if near_copies is None else near_copies.numbers(len(dataset))
    groups = group_numbers(dataset, options.group) if options.group else None
    together = joined_groups(together, groups)
    if selection is None and options.selection:
        selection = find_selection(dataset, options.selection)
    dataset = with_labels(dataset, selection)
    chosen = dataset.labels >= 0 if selection is None else selection.apply(dataset)
    keep = chosen.copy()
    if options.drop_exact_duplicates:
        # Among the chosen rows only: where the first copy was left out, the second one stays.
        keep[chosen] = first_of_each(dataset.row_hashes[chosen])
    if dataset.split is not None and options.use_own_split:
        own = np.where(keep, dataset.split, -1)
        if groups is not None:
            _check_groups(dataset, own, groups, str(options.group))
        sides = _complete(dataset, own, options, seed, together)
    else:
        shares = options.train, options.validation, options.test
        sides = split(dataset, *shares, seed, rows=keep, together=together)
    unlabelled = dataset.labels < 0
    deselected = int((~chosen & ~unlabelled).sum())
    rows = Rows(
        sides.astype(np.int8), int((chosen & ~keep).sum()), deselected, near_copies, int(unlabelled.sum())
    )
    _check(dataset, rows)
    return rows


def _check_groups(dataset: Dataset, own: np.ndarray, groups: np.ndarray, column: str) -> None:
    """Refuse the file's own split where it parts a group."""
    inside = own >= 0
    pairs = np.unique(np.stack([groups[inside], own[inside]]), axis=1)
    parted = int((np.unique(pairs[0], return_counts=True)[1] > 1).sum())
    if parted:
        raise UserError(
            f"The split that '{dataset.source}' brings has {parted:,} groups of the column '{column}' on "
            "more than one side: draw another one with use_own_split=false, or choose no group."
        )


def _complete(
    dataset: Dataset, own: np.ndarray, options: DataOptions, seed: int, together: np.ndarray | None
) -> np.ndarray:
    """The file's own split; validation rows are taken from the training rows where it has none."""
    if (own == VALIDATION).any() or not (own == TRAIN).any():
        return own
    share = options.validation / (options.train + options.validation)
    divided = split(dataset, 1 - share, share, 0.0, seed, rows=own == TRAIN, together=together)
    return np.where(own == TRAIN, divided, own)


def _check(dataset: Dataset, rows: Rows) -> None:
    after = f" after the selection left out {rows.deselected:,}" if rows.deselected else ""
    labels = dataset.labels[rows.of(TRAIN)]
    classes = len(np.unique(labels))
    if classes < 2:
        raise UserError(
            f"'{dataset.source}' has {classes} class{'' if classes == 1 else 'es'} among its training "
            f"rows{after}: training needs two or more."
        )
    if not len(rows.of(VALIDATION)):
        raise UserError(
            f"'{dataset.source}' leaves no validation rows ({len(dataset):,} rows in all){after}: "
            "add images or raise the validation share."
        )
