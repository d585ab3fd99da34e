"""What was found in the fields: boxes in view, how many, and the button that makes a dataset of them."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import streamlit as st

from bcc.cells.field_set import FieldSet, cut_out
from bcc.cells.fields import FieldCells, find_cells
from bcc.datasets import load
from bcc.paths import data_folder
from pages.parts.background import waiting
from pages.parts.fields.upload import Photographs
from pages.parts.state import links, loaders
from pages.parts.text import errors, formatting
from pages.parts.widgets import columns

COLOURS = {"nucleated": (37, 99, 200), "platelet": (200, 90, 20)}
WIDEST = 1600
"""Pixels to which a field is scaled down for the screen."""


def show(photographs: Photographs) -> None:
    """Draw the fields and what was found in them."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        radius = st.number_input(
            "Radius of a red cell (px)",
            min_value=0.0,
            max_value=500.0,
            value=0.0,
            step=1.0,
            key="fields_radius",
            width=220,
            help="0: measured on each field. Everything is found at this scale; correct it where boxes are "
            "far too large or too small.",
        )
        platelets = st.toggle(
            "Platelets",
            value=True,
            key="fields_platelets",
            help="Whether platelets become part of the dataset.",
        )
    with errors.shown(stop=False):
        with waiting.progress("Finding cells") as report:
            fields: dict[str, FieldCells] = {}
            for place, (name, image) in enumerate(photographs):
                report(place / len(photographs), f"Finding cells in {name}")
                key = ("field", name, hash(image.tobytes()), radius)
                fields[name] = loaders.cached(key, partial(find_cells, image, radius or None))
        _table(fields)
        name = st.selectbox(
            "Field",
            list(fields),
            key="field",
            format_func=formatting.plain,
            width=320,
            help="The field to show.",
        )
        image = dict(photographs)[name]
        st.image(_boxes(image, fields[name]), width="stretch")
        st.caption("Blue: nucleated cells. Orange: platelets.")
        _open(photographs, fields, platelets)


def _table(fields: dict[str, FieldCells]) -> None:
    lines = [
        {
            "field": name,
            "nucleated": sum(cell.kind == "nucleated" for cell in found.cells),
            "platelets": sum(cell.kind == "platelet" for cell in found.cells),
            "radius": found.red_cell_radius,
        }
        for name, found in fields.items()
    ]
    number = st.column_config.NumberColumn
    st.dataframe(
        formatting.table(pd.DataFrame(lines)),
        hide_index=True,
        height="content",
        key="fields_table",
        alt="Cells found in each field",
        column_config={
            "field": "Field",
            "nucleated": number("Nucleated cells", **columns.count()),
            "platelets": number("Platelets", **columns.count()),
            "radius": number("Red cell radius", **columns.number("%.1f"), help="In pixels of the field."),
        },
    )


def _boxes(image: np.ndarray, found: FieldCells) -> np.ndarray:
    """The field with a box around every cell."""
    scale = min(1.0, WIDEST / max(image.shape[:2]))
    drawn = (
        cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        if scale < 1
        else image.copy()
    )
    line = max(round(max(drawn.shape[:2]) / 500), 1)
    for cell in found.cells:
        half = 0.6 * max(cell.width, cell.height)
        first = round((cell.x - half) * scale), round((cell.y - half) * scale)
        last = round((cell.x + half) * scale), round((cell.y + half) * scale)
        cv2.rectangle(drawn, first, last, COLOURS[cell.kind], line)
    return drawn


def _open(photographs: Photographs, fields: dict[str, FieldCells], platelets: bool) -> None:
    total = sum(cell.kind == "nucleated" or platelets for found in fields.values() for cell in found.cells)
    if not st.button(
        f"Open the {total:,} cells as a dataset",
        icon=":material/grid_view:",
        type="primary",
        key="fields_open",
        disabled=not total,
        help="Cuts them out at the scale of the shipped model and writes an .npz into the exports folder "
        "under the data folder; label or count them next.",
    ):
        return
    made: FieldSet = cut_out(((name, image, fields[name]) for name, image in photographs), 96, platelets)
    path = _free(data_folder() / "exports", Path(photographs[0][0]).stem)
    made.save(path)
    links.go("label", data=load(str(path)).fingerprint)


def _free(folder: Path, stem: str) -> Path:
    """A file name that nothing has yet."""
    plain = "".join(letter if letter.isalnum() or letter in "-_" else " " for letter in stem).strip()[:60]
    path, number = folder / f"{plain or 'field'} cells.npz", 2
    while path.exists():
        path, number = folder / f"{plain or 'field'} cells {number}.npz", number + 1
    return path
