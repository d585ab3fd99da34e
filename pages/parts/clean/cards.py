"""A finding on screen: its images side by side, the decision on each, and the reason below."""

from __future__ import annotations

import numpy as np
import streamlit as st

from bcc.datasets import Dataset
from bcc.figures.colours import class_colours
from bcc.quality import Item, Unit
from pages.parts.labelling import decisions
from pages.parts.text import formatting
from pages.parts.widgets import gallery

_MARKS = {
    decisions.LEFT_OUT: ("left out", "#c2410c"),
    decisions.KEPT: ("kept", "#2f7d4f"),
    decisions.RELABELLED: ("relabelled", "#6d4fc2"),
    decisions.DONT_KNOW: ("don't know", "#6b7280"),
}
_WANTED = {"drop": "drop?", "keep": "keep?", "review": "look", "list": "listed"}


def draw(item: Item, dataset: Dataset, states: np.ndarray, large: bool = False, marked: bool = False) -> None:
    """Draw the images of an item with everything known about them; the marked item is being decided on."""
    mark = "outline:3px solid #3f77d0;outline-offset:4px;border-radius:6px;" if marked else ""
    cells = "".join(_unit(unit, dataset, states, alone=len(item.units) == 1) for unit in item.units)
    width = "100%" if len(item.units) == 1 else "minmax(72px,1fr)"
    tracks = width if len(item.units) == 1 else f"repeat(auto-fit,{width})"
    limit = "max-width:260px;" if large and len(item.units) == 1 else ""
    reasons = dict.fromkeys(unit.detail for unit in item.units if unit.suggested != "keep")
    said = "".join(f"<div>{formatting.safe(reason)}</div>" for reason in list(reasons)[:2])
    size = ".86rem" if large else ".76rem"
    st.html(
        f'<div style="{mark}">'
        f'<div style="{limit}display:grid;grid-template-columns:{tracks};gap:8px">{cells}</div>'
        f'<div style="font-size:{size};line-height:1.35;opacity:.72;margin-top:4px;overflow-wrap:anywhere">'
        f"{said}</div></div>"
    )


def state_of(unit: Unit, states: np.ndarray) -> int:
    """Return what was decided on all rows of an item (see `decisions.states`), 0 where it is not the same."""
    decided = np.unique(states[unit.rows])
    return int(decided[0]) if len(decided) == 1 else 0


def decided(item: Item, states: np.ndarray) -> bool:
    """Whether every row of an item is decided."""
    return bool((states[item.rows] != 0).all())


def _unit(unit: Unit, dataset: Dataset, states: np.ndarray, alone: bool) -> str:
    name = dataset.class_names[unit.label]
    colour = class_colours(dataset.class_names)[name]
    state = state_of(unit, states)
    rows = formatting.row(dataset, unit.rows[0])
    if len(unit.rows) > 1:
        rows = f"{len(unit.rows):,} rows, the first {rows}"
    if state:
        text, paint = _MARKS[state]
        chip = f'<span style="{_CHIP}background:{paint};color:#fff">{text}</span>'
    else:
        chip = (
            f'<span style="{_CHIP}background:rgba(20,23,28,.62);color:#fff">{_WANTED[unit.suggested]}</span>'
        )
    faded = "opacity:.38;filter:grayscale(.6);" if state == 1 else ""
    uri = gallery.image_uri(dataset.images[unit.rows[0]])
    alt = f"{name}, {rows}, {_MARKS[state][0] if state else 'undecided'}: {unit.detail}"
    return (
        '<figure style="margin:0"><div style="position:relative">'
        f'<img src="{uri}" alt="{formatting.safe(alt)}" '
        f'style="width:100%;border-radius:6px;display:block;{faded}">'
        f"{chip}</div>"
        f'<figcaption style="border-top:3px solid {colour};margin-top:4px;padding-top:3px;font-size:.78rem;'
        f'line-height:1.3;overflow-wrap:anywhere">{formatting.safe(name)}'
        f'<div style="opacity:.62">{formatting.safe(rows)}</div></figcaption></figure>'
    )


_CHIP = (
    "position:absolute;top:6px;right:6px;font-size:.68rem;line-height:1;padding:3px 6px;border-radius:9px;"
)
