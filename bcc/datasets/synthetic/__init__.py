"""Painted single-cell smear crops of the eight classes, so that the app has something to show offline.

These images are synthetic: they teach how the app works and nothing about a patient.
"""

from __future__ import annotations

from bcc.datasets.synthetic.draw import CLASS_NAMES, draw_spec
from bcc.datasets.synthetic.faults import FAULTS
from bcc.datasets.synthetic.paint import PaintedCell, paint
from bcc.datasets.synthetic.painted_set import PaintedSet, paint_set
from bcc.datasets.synthetic.spec import CellSpec

PAINTER_VERSION = 2
"""Goes up with every change of what the same arguments paint, so that stored sets are painted again."""

__all__ = [
    "CLASS_NAMES",
    "FAULTS",
    "PAINTER_VERSION",
    "CellSpec",
    "PaintedCell",
    "PaintedSet",
    "draw_spec",
    "paint",
    "paint_set",
]
