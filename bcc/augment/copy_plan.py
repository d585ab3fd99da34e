"""The rows of an augmented dataset: originals, copies of them, and their splits.

No pixel is read here. The dataset is split before anything is copied, and only training rows are copied, so
that no copy of a training cell is among the cells that a model is scored on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bcc.datasets import SPLITS, Dataset, Selection, first_of_each, split_of, with_labels
from bcc.errors import UserError


@dataclass(frozen=True)
class Copies:
    """The rows of an augmented dataset, in order.

    Attributes:
        rows: int64 (M,), row of the set that each is made from.
        copy: int64 (M,), 0 for the original itself, 1, 2, ... for its augmented copies.
        split: int8 (M,), positions in `SPLITS`.
        notes: what a person should know, a sentence each.
    """

    rows: np.ndarray
    copy: np.ndarray
    split: np.ndarray
    notes: tuple[str, ...]


def plan_copies(
    dataset: Dataset,
    *,
    per_class: int | None = None,
    total: int | None = None,
    selection: Selection | None = None,
    split_seed: int = 0,
    divide: bool = True,
) -> Copies:
    """Plan the rows of an augmented dataset.

    Rows that the selection leaves out, and exact duplicates among the others, are in no part of it. The split
    that the file defines is used where there is one. Copies are spread evenly: within a class no original has
    two more than another.

    Args:
        dataset: the set.
        per_class: training rows of each class, exactly; a class with more originals is sampled down.
        total: training rows in all; classes keep their shares.
        selection: rows to leave out.
        split_seed: of the split and of which rows are sampled or copied once more.
        divide: whether there are validation and test rows at all; without, every row is a training row.

    Raises:
        UserError: not exactly one of the numbers is given, it is below 1, or there is nothing to copy.
    """
    if (per_class is None) == (total is None):
        raise UserError("Give the number of training images: either per class, or in total.")
    if (per_class or total or 0) < 1:
        raise UserError("The number of training images must be 1 or more.")
    dataset = with_labels(dataset, selection)
    chosen = dataset.labels >= 0 if selection is None else selection.apply(dataset)
    keep = chosen.copy()
    keep[chosen] = first_of_each(dataset.row_hashes[chosen])
    notes = _left_out(int((~chosen).sum()), int((chosen & ~keep).sum()))
    every = np.where(keep, 0, -1).astype(np.int8)
    sides = split_of(dataset, seed=split_seed, rows=keep) if divide else every
    train = np.flatnonzero(sides == 0)
    if not len(train):
        raise UserError(f"'{dataset.source}' has no training rows, so there is nothing to augment.")
    rng = np.random.default_rng((split_seed, 1))
    others = np.flatnonzero(sides > 0)
    rows, copy = [others], [np.zeros(len(others), np.int64)]
    numbers = _numbers(dataset.labels[train], len(dataset.class_names), per_class, total)
    for label, (name, number) in enumerate(zip(dataset.class_names, numbers, strict=True)):
        own = train[dataset.labels[train] == label]
        if not len(own) and per_class is not None:
            notes.append(f"The class {name} has no training images and stays empty.")
        if not len(own):
            continue
        if number < len(own):
            notes.append(f"The class {name} has {len(own):,} originals and is sampled down to {number:,}.")
        own_rows, own_copies = _spread(own, int(number), rng)
        rows.append(own_rows)
        copy.append(own_copies)
    all_rows, all_copies = np.concatenate(rows), np.concatenate(copy)
    order = np.lexsort((all_copies, all_rows))
    all_rows = all_rows[order]
    return Copies(all_rows, all_copies[order], sides[all_rows], tuple(notes))


def _spread(own: np.ndarray, number: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Make `number` rows of a class out of its originals, as evenly as possible.

    Args:
        own: int64 (n,), the originals, at least one.
        number: how many rows there are to be; below n, originals are sampled.
        rng: draws the sample, and which originals are copied once more than the others.

    Returns:
        int64 (number,) each: the original, and which copy of it, 0 for the original itself.
    """
    if number < len(own):
        own = np.sort(rng.permutation(own)[:number])
    times = np.full(len(own), number // max(len(own), 1), np.int64)
    times[rng.permutation(len(own))[: number - times.sum()]] += 1
    return np.repeat(own, times), np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)


def _numbers(labels: np.ndarray, classes: int, per_class: int | None, total: int | None) -> np.ndarray:
    """How many training rows each class is to have, int64 (classes,)."""
    counts = np.bincount(labels, minlength=classes)
    if per_class is not None:
        return np.full(classes, per_class, np.int64)
    exact = counts * (total or 0) / counts.sum()
    numbers = np.floor(exact).astype(np.int64)
    # Largest remainders, so that the sum is the total to the image.
    numbers[np.argsort(numbers - exact, kind="stable")[: (total or 0) - numbers.sum()]] += 1
    result: np.ndarray = numbers
    return result


def _left_out(by_selection: int, duplicates: int) -> list[str]:
    notes = []
    if by_selection:
        notes.append(f"{by_selection:,} rows are left out by the selection.")
    if duplicates:
        notes.append(f"{duplicates:,} exact duplicates are left out.")
    return notes


def counts_by_side(copies: Copies) -> dict[str, int]:
    """Count the rows of each split, by the names of `SPLITS`."""
    return {side: int((copies.split == place).sum()) for place, side in enumerate(SPLITS)}
