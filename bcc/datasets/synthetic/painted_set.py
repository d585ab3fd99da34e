"""The built-in dataset: painted cells in the challenge's class shares, with planted faults.

It returns arrays and the truth about every row; writing them into the cache as a `Dataset` is the
loader's work.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bcc.datasets.synthetic.draw import CLASS_NAMES, draw_spec
from bcc.datasets.synthetic.faults import (
    NEAR_KINDS,
    blurred,
    composite,
    dark,
    fault_counts,
    near_duplicate,
)
from bcc.datasets.synthetic.spec import CellSpec
from bcc.datasets.synthetic.two_painters import Cell, paint_cells
from bcc.errors import UserError
from bcc.progress import Progress

CHALLENGE_COUNTS = (852, 2181, 1085, 2026, 849, 993, 2330, 1643)
"""Cells per class in the challenge's training set, in the order of `CLASS_NAMES`."""

_FAULTY = 1_000_000
"""Blurred and dark cells are numbered from here on, so that they are no clean cell's twins."""


@dataclass(frozen=True)
class PaintedSet:
    """Painted cells and the truth about them.

    Attributes:
        images: uint8 (N, 96, 96, 3) RGB.
        labels: int64 (N,), positions in `CLASS_NAMES`, some planted wrong.
        nucleus_masks, cell_masks: bool (N, 96, 96).
        truth: one line per row, columns `row`; `fault`, one of `FAULTS` or "" for none; `of`, the row
            it was made from or -1; `true_label`, the class that was painted; `seed`, with which
            `draw_spec` gives the cell again.
    """

    images: np.ndarray
    labels: np.ndarray
    nucleus_masks: np.ndarray
    cell_masks: np.ndarray
    truth: pd.DataFrame


@dataclass(frozen=True)
class _Row:
    """A row before it is painted or shuffled; `of` is a position in the unshuffled list."""

    true_label: int
    seed: int
    label: int
    fault: str = ""
    of: int = -1


def class_counts(cells: int) -> tuple[int, ...]:
    """Cells per class: the challenge's shares by largest remainder, at least one of each.

    Raises:
        UserError: fewer cells than classes.
    """
    if cells < len(CLASS_NAMES):
        raise UserError(
            f"A painted set needs at least {len(CLASS_NAMES)} cells, one of each class, not {cells}."
        )
    exact = np.array(CHALLENGE_COUNTS) * (cells / sum(CHALLENGE_COUNTS))
    counts = np.maximum(np.floor(exact).astype(int), 1)
    while counts.sum() < cells:
        counts[np.argmax(exact - counts)] += 1
    while counts.sum() > cells:
        counts[np.argmax(np.where(counts > 1, counts - exact, -np.inf))] -= 1
    return tuple(counts.tolist())


def cell_seed(seed: int, label: int, number: int) -> int:
    """Seed of the cell `number` of a class in the set of a given seed."""
    return int(np.random.SeedSequence([seed, label, number]).generate_state(1)[0] >> 1)


def paint_set(
    cells: int = 1600,
    seed: int = 0,
    faults: bool = True,
    progress: Progress | None = None,
) -> PaintedSet:
    """Paint a whole dataset; the same arguments give the same bytes.

    Args:
        cells: clean cells, in the challenge's class shares; at least 8.
        seed: of the set. Cell i of a class depends on seed, class and i only.
        faults: add the planted faults (rows besides `cells`) and make some labels wrong.
        progress: called with the share done, 0..1, and a sentence.

    Raises:
        UserError: fewer than 8 cells, or a negative seed.
    """
    if seed < 0:
        raise UserError(f"The seed of a painted set is a whole number from 0, not {seed}.")
    rows = _clean_rows(class_counts(cells), seed)
    rng = np.random.default_rng([seed, len(CLASS_NAMES)])
    if faults:
        rows = _with_faults(rows, cells, seed, rng)
    order = rng.permutation(len(rows))
    painted = _painted(rows, rng, progress)
    place = np.empty(len(rows), int)
    place[order] = np.arange(len(rows))
    images = np.stack([painted[i].image for i in order])
    nucleus_masks = np.stack([painted[i].nucleus_mask for i in order])
    cell_masks = np.stack([painted[i].cell_mask for i in order])
    shuffled = [rows[i] for i in order]
    truth = pd.DataFrame(
        {
            "row": np.arange(len(rows)),
            "fault": [row.fault for row in shuffled],
            "of": [int(place[row.of]) if row.of >= 0 else -1 for row in shuffled],
            "true_label": np.array([row.true_label for row in shuffled], np.int64),
            "seed": np.array([row.seed for row in shuffled], np.int64),
        }
    )
    labels = np.array([row.label for row in shuffled], np.int64)
    return PaintedSet(images, labels, nucleus_masks, cell_masks, truth)


def _clean_rows(counts: tuple[int, ...], seed: int) -> list[_Row]:
    return [
        _Row(label, cell_seed(seed, label, number), label)
        for label, count in enumerate(counts)
        for number in range(count)
    ]


def _with_faults(rows: list[_Row], cells: int, seed: int, rng: np.random.Generator) -> list[_Row]:
    """The clean rows, some with a wrong label, and the faulty rows after them."""
    counts = fault_counts(cells)
    rows = list(rows)
    # No clean cell takes part in two faults, so that each is found alone.
    chosen = iter(rng.permutation(len(rows)).tolist())
    classes = len(CLASS_NAMES)
    wrong = [next(chosen) for _ in range(counts["wrong_label"])]
    under = next(chosen)
    for number in range(counts["repeated_composite"]):
        source = rows[under]
        rows.append(_Row(source.true_label, source.seed, number % classes, "repeated_composite", under))
    for fault in ("exact_duplicate", "near_duplicate"):
        for _ in range(counts[fault]):
            of = next(chosen)
            rows.append(_Row(rows[of].true_label, rows[of].seed, rows[of].true_label, fault, of))
    shares = np.array(CHALLENGE_COUNTS) / sum(CHALLENGE_COUNTS)
    for fault in ("blurred", "dark"):
        for _ in range(counts[fault]):
            label = int(rng.choice(classes, p=shares))
            number = _FAULTY + len(rows)
            rows.append(_Row(label, cell_seed(seed, label, number), label, fault))
    for position in wrong:
        row = rows[position]
        label = int((row.true_label + rng.integers(1, classes)) % classes)
        rows[position] = _Row(row.true_label, row.seed, label, "wrong_label")
    return rows


def _painted(rows: list[_Row], rng: np.random.Generator, progress: Progress | None) -> list[Cell]:
    """Every row's image and masks, in order."""
    specs: list[CellSpec] = []
    copies: list[int] = []
    for position, row in enumerate(rows):
        if row.of >= 0:
            copies.append(position)
            continue
        spec = draw_spec(CLASS_NAMES[row.true_label], row.seed)
        change = {"blurred": blurred, "dark": dark}.get(row.fault)
        specs.append(change(spec, rng) if change else spec)
    fresh = iter(paint_cells(specs, progress))
    painted: list[Cell | None] = [None if row.of >= 0 else next(fresh) for row in rows]
    near = 0
    for position in copies:
        row = rows[position]
        source = painted[row.of]
        assert source is not None
        if row.fault == "near_duplicate":
            painted[position] = near_duplicate(source, NEAR_KINDS[near % len(NEAR_KINDS)], rng)
            near += 1
        elif row.fault == "repeated_composite":
            painted[position] = Cell(composite(source.image), source.nucleus_mask, source.cell_mask)
        else:
            painted[position] = source
    return [cell for cell in painted if cell is not None]
