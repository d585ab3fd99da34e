"""Painting many cells on two cores.

Painting is a long sequence of short OpenCV and NumPy calls, between which two threads fight for the
interpreter lock (measured: 1.1 times as fast as one). So a second process takes every other cell. It
is a command (`bcc.datasets.synthetic`), not a multiprocessing worker: those import the
script that started them, which under Streamlit is the whole app.
"""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain, zip_longest

import numpy as np
from pydantic import TypeAdapter

from bcc.datasets.synthetic.paint import paint
from bcc.datasets.synthetic.spec import CellSpec
from bcc.launch import python
from bcc.progress import Progress

SIZE = 96
FEW = 200
"""Fewer cells than this are painted before a second process has started."""
_SPECS = TypeAdapter(list[CellSpec])


@dataclass(frozen=True)
class Cell:
    """One row: image uint8 (96, 96, 3) with nucleus and cell mask, bool (96, 96)."""

    image: np.ndarray
    nucleus_mask: np.ndarray
    cell_mask: np.ndarray


def paint_cell(spec: CellSpec) -> Cell:
    """One cell at the set's size."""
    painted = paint(spec, SIZE)
    return Cell(painted.image, painted.nucleus_mask, painted.cell_mask)


def paint_cells(specs: list[CellSpec], progress: Progress | None = None) -> list[Cell]:
    """Paint cells in order, on two cores when there are many.

    Args:
        specs: what to paint.
        progress: called with the share done and a sentence, from the caller's own thread.
    """
    alone = len(specs) < FEW
    mine, other = (specs, []) if alone else (specs[::2], specs[1::2])
    with ThreadPoolExecutor(1) as pool:
        theirs = pool.submit(_paint_elsewhere, other) if other else None
        painted = []
        for number, spec in enumerate(mine, 1):
            painted.append(paint_cell(spec))
            if progress is not None and (number % 16 == 0 or number == len(mine)):
                done = round(len(specs) * number / len(mine))
                progress(number / len(mine), f"Painting the built-in cells, once: {done:,} of {len(specs):,}")
        if theirs is None:
            return painted
        pairs = zip_longest(painted, theirs.result())
    return [cell for cell in chain.from_iterable(pairs) if cell is not None]


def _paint_elsewhere(specs: list[CellSpec]) -> list[Cell]:
    """Paint in a separate process, or in this one where none can be started."""
    try:
        work = subprocess.run(
            python("bcc.datasets.synthetic"),
            input=_SPECS.dump_json(specs),
            stdout=subprocess.PIPE,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return [paint_cell(spec) for spec in specs]
    return unpack(work.stdout)


def pack(cells: list[Cell]) -> bytes:
    """Cells as plain bytes: image, nucleus mask, cell mask, one cell after the other."""
    return b"".join(
        array.tobytes() for cell in cells for array in (cell.image, cell.nucleus_mask, cell.cell_mask)
    )


def unpack(packed: bytes) -> list[Cell]:
    """The cells that `pack` was given."""
    rows = np.frombuffer(packed, np.uint8).reshape(-1, 5, SIZE, SIZE)
    return [
        Cell(row[:3].reshape(SIZE, SIZE, 3).copy(), row[3].astype(bool), row[4].astype(bool)) for row in rows
    ]


def paint_for_another(asked: bytes) -> bytes:
    """Run the second process: specs as JSON in, packed cells out."""
    return pack([paint_cell(spec) for spec in _SPECS.validate_json(asked)])
