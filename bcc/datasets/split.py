"""Split a dataset into train, validation and test.

Every split has the same class shares, and rows that show the same cell are never separated: identical pixels,
copies made from one original, and near copies where a scan has found them. Otherwise a validation score would
reward memorisation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from bcc.datasets.dataset import SPLITS, Dataset
from bcc.datasets.identity import duplicate_groups
from bcc.errors import UserError


def split(
    dataset: Dataset,
    train: float = 0.8,
    validation: float = 0.1,
    test: float = 0.1,
    seed: int = 0,
    rows: np.ndarray | None = None,
    together: np.ndarray | None = None,
) -> np.ndarray:
    """Draw a stratified split that keeps identical rows together.

    Every class with at least as many separate groups as there are splits in use has a row in each of them.

    Args:
        dataset: its labels, row hashes and origin are used, no pixels.
        train, validation, test: shares in 0..1 that sum to 1; a side with share 0 stays empty.
        seed: the same seed gives the same split.
        rows: bool (N,), the rows to divide; all by default.
        together: int (N,), rows with one number stay together too (`NearCopies.numbers`).

    Returns:
        int8 (N,): positions in `SPLITS`, -1 for rows outside `rows`.

    Raises:
        UserError: the shares are out of bounds or do not sum to 1.
    """
    shares = _checked_shares(train, validation, test)
    sides = np.full(len(dataset), -1, np.int8)
    chosen = np.arange(len(dataset)) if rows is None else np.flatnonzero(rows)
    if len(chosen) == 0:
        return sides
    # Groups are formed among all rows, since a row left out may be what ties two others together.
    _, group = np.unique(same_cell_groups(dataset, together)[chosen], return_inverse=True)
    _, labels = np.unique(dataset.labels[chosen], return_inverse=True)
    sides[chosen] = _divide(labels, group, shares, np.random.default_rng(seed))[group]
    return sides


def split_of(
    dataset: Dataset,
    train: float = 0.8,
    validation: float = 0.1,
    test: float = 0.1,
    seed: int = 0,
    rows: np.ndarray | None = None,
    use_file: bool = True,
) -> np.ndarray:
    """Return the split that the file defines, unchanged, or else draw one.

    Args:
        dataset, train, validation, test, seed, rows: as in `split`.
        use_file: set false to draw one even where the file defines a split.

    Returns:
        int8 (N,): positions in `SPLITS`, -1 for rows outside `rows` or left out by the file.
    """
    if dataset.split is None or not use_file:
        return split(dataset, train, validation, test, seed, rows)
    sides = dataset.split.copy()
    if rows is not None:
        sides[~np.asarray(rows, bool)] = -1
    return sides


def same_cell_groups(dataset: Dataset, together: np.ndarray | None = None) -> np.ndarray:
    """Number the rows so that rows of one cell share a number.

    Rows belong together if their pixels are identical, if they have the same `origin`, or if one is the
    other's origin (a row without an origin counts as itself), or if `together` gives them one
    number; chains count too.

    Args:
        dataset: the set.
        together: int (N,).

    Returns:
        int64 (N,).
    """
    group = duplicate_groups(dataset.row_hashes)
    if dataset.origin is not None and (dataset.origin >= 0).any():
        group = _joined(group, np.where(dataset.origin >= 0, dataset.origin, np.arange(len(group))))
    if together is not None:
        group = _joined(group, together)
    return group


def group_numbers(dataset: Dataset, column: str) -> np.ndarray:
    """Number the rows so that rows with one value of a column share a number; unknown values are on their
    own.

    Args:
        dataset: the set.
        column: one of `Dataset.columns`.

    Returns:
        int64 (N,).

    Raises:
        UserError: there is no such column, or it has one value only.
    """
    columns = dataset.columns
    if column not in columns:
        known = f"it has {', '.join(columns)}" if columns else "it has no columns at all"
        raise UserError(f"{dataset.source} has no column '{column}': {known}.")
    _, numbers = np.unique(np.array(columns[column], object).astype(str), return_inverse=True)
    unknown = np.array([not value for value in columns[column]])
    numbers = numbers.astype(np.int64)
    numbers[unknown] = len(dataset) + np.flatnonzero(unknown)
    if len(np.unique(numbers)) < 2:
        raise UserError(
            f"The column '{column}' of {dataset.source} has one value for all rows, so that no split can "
            "keep its groups apart."
        )
    return numbers


def joined_groups(one: np.ndarray | None, other: np.ndarray | None) -> np.ndarray | None:
    """Groups of rows that share a number on either side; `None` counts as no groups at all."""
    if one is None or other is None:
        return other if one is None else one
    return _joined(one, other)


def _joined(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Groups of rows that share a number on either side: int64 (N,)."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    # A graph of the numbers of both sides; every row is an edge between its two.
    numbers, first = np.unique(one, return_inverse=True)
    others, second = np.unique(other, return_inverse=True)
    size = len(numbers) + len(others)
    edges = coo_array((np.ones(len(one), np.int8), (first, second + len(numbers))), shape=(size, size))
    _, component = connected_components(edges, directed=False)
    joined: np.ndarray = component[first].astype(np.int64)
    return joined


def _checked_shares(train: float, validation: float, test: float) -> np.ndarray:
    shares = np.array([train, validation, test], np.float64)
    for side, share in zip(SPLITS, shares, strict=True):
        if not 0 <= share <= 1:
            raise UserError(f"The share '{side}' must be from 0 to 1, not {share:g}.")
    if not math.isclose(shares.sum(), 1, abs_tol=1e-6):
        raise UserError(
            f"The shares train, validation and test must sum to 1, not {shares.sum():g} "
            f"({train:g} + {validation:g} + {test:g})."
        )
    return shares


@dataclass(frozen=True)
class _Contents:
    """How many rows of which class each group has, as a table of (group, label, rows) lines."""

    group: np.ndarray
    label: np.ndarray
    rows: np.ndarray
    sizes: np.ndarray
    start: np.ndarray

    @classmethod
    def of(cls, labels: np.ndarray, group: np.ndarray) -> _Contents:
        classes = int(labels.max()) + 1
        pair, rows = np.unique(group * classes + labels, return_counts=True)
        sizes = np.bincount(group)
        start = np.searchsorted(pair // classes, np.arange(len(sizes) + 1))
        return cls(pair // classes, pair % classes, rows, sizes, start)

    def inside(self, group: int) -> slice:
        """The lines of one group."""
        return slice(int(self.start[group]), int(self.start[group + 1]))


def _divide(
    labels: np.ndarray, group: np.ndarray, shares: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """A side for each group.

    Args:
        labels: int (n,) from 0 without gaps.
        group: int (n,) from 0 without gaps.
        shares: of the sides, float (3,).

    Returns:
        int8 (groups,).
    """
    contents = _Contents.of(labels, group)
    used = np.flatnonzero(shares > 0)
    # What each class still lacks on each side in use, in rows.
    lacking = np.bincount(labels)[:, None] * shares[None, used]
    side = np.zeros(len(contents.sizes), np.int64)
    order = rng.permutation(len(side))
    several = order[contents.sizes[order] > 1]
    # Large groups first: what they leave uneven, the single rows even out.
    for one in several[np.argsort(-contents.sizes[several], kind="stable")]:
        lines = contents.inside(one)
        own, rows = contents.label[lines], contents.rows[lines]
        side[one] = int(np.argmax(rows @ lacking[own]))
        lacking[own, side[one]] -= rows
    single = order[contents.sizes[order] == 1]
    single_label = contents.label[contents.start[single]]
    single = single[np.argsort(single_label, kind="stable")]
    ends = np.cumsum(np.bincount(single_label, minlength=len(lacking)))
    for label, own_singles in enumerate(np.split(single, ends[:-1])):
        side[own_singles] = np.repeat(np.arange(len(used)), _whole_parts(len(own_singles), lacking[label]))
    _fill_empty_sides(side, contents, len(used))
    return used[side].astype(np.int8)


def _whole_parts(number: int, wanted: np.ndarray) -> np.ndarray:
    """Divide `number` rows as near as whole numbers come to what is wanted (largest remainder)."""
    wanted = np.clip(wanted, 0, None)
    exact = wanted * (number / max(wanted.sum(), 1e-12))
    parts: np.ndarray = np.floor(exact + 1e-9).astype(np.int64)
    parts[np.argsort(parts - exact, kind="stable")[: number - parts.sum()]] += 1
    return parts


def _fill_empty_sides(side: np.ndarray, contents: _Contents, sides: int) -> None:
    """Move groups, in place, so that no class misses a side that it has enough groups for."""
    present = np.zeros((int(contents.label.max()) + 1, sides), np.int64)
    np.add.at(present, (contents.label, side[contents.group]), 1)
    by_label = np.argsort(contents.label, kind="stable")
    ends = np.cumsum(present.sum(axis=1))
    enough = present.sum(axis=1) >= sides
    for label, empty in np.argwhere((present == 0) & enough[:, None]):
        candidates = contents.group[by_label[ends[label] - present[label].sum() : ends[label]]]
        candidates = candidates[present[label, side[candidates]] > 1]
        # Pure and small groups first: they change least.
        for one in candidates[np.argsort(contents.sizes[candidates], kind="stable")]:
            own, there = contents.label[contents.inside(one)], side[one]
            if (present[own, there] > 1).all():
                present[own, there] -= 1
                present[own, empty] += 1
                side[one] = empty
                break
