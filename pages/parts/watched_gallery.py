"""A few validation pictures and what the model says of them after each epoch: it makes up its mind.

Under each picture stands the class that it is called now and how sure, in that class's colour, and a small
curve of the probability of the true class over the epochs so far.
"""

from __future__ import annotations

from html import escape

import numpy as np
import streamlit as st

from bcc.datasets import Dataset
from bcc.figures.colours import class_colours
from bcc.runs import Watched
from pages.parts.gallery import picture_uri


def show(watched: Watched, dataset: Dataset) -> None:
    """Draw the pictures in a row."""
    colours = class_colours(dataset.class_names)
    cells = "".join(_cell(watched, dataset, at, colours) for at in range(len(watched.rows)))
    grid = "display:grid;grid-template-columns:repeat(auto-fill,minmax(104px,1fr));gap:14px 12px;margin:0"
    st.html(f'<div role="list" aria-label="Validation pictures" style="{grid}">{cells}</div>')


def _cell(watched: Watched, dataset: Dataset, at: int, colours: dict[str, str]) -> str:
    row, label = int(watched.rows[at]), int(watched.labels[at])
    said = watched.probabilities[:, at]
    called = int(said[-1].argmax())
    true, name = dataset.class_names[label], dataset.class_names[called]
    mark = "✓" if called == label else f"is {true}"
    alt = f"row {row}, {true}, called {name} with {said[-1, called]:.0%}"
    return (
        f'<figure role="listitem" style="margin:0"><img src="{picture_uri(dataset.images[row])}" '
        f'alt="{escape(alt)}" style="width:100%;border-radius:6px;display:block">'
        f"{_curve(said[:, label], colours[true])}"
        f'<figcaption style="border-top:3px solid {colours[name]};padding-top:3px;font-size:.78rem;'
        f'line-height:1.3;overflow-wrap:anywhere">{escape(name)} {said[-1, called]:.0%}'
        f'<div style="opacity:.62">{escape(mark)}</div></figcaption></figure>'
    )


def _curve(shares: np.ndarray, colour: str) -> str:
    """A curve from 0 to 1, 100 by 26 units, one point an epoch."""
    across = np.linspace(3, 97, len(shares)) if len(shares) > 1 else np.array([50.0])
    points = " ".join(f"{x:.1f},{23 - 20 * y:.1f}" for x, y in zip(across, shares, strict=True))
    x, y = points.rsplit(" ", 1)[-1].split(",")
    return (
        '<svg viewBox="0 0 100 26" preserveAspectRatio="none" aria-hidden="true" '
        'style="width:100%;height:26px;display:block;margin:4px 0 3px">'
        '<line x1="0" y1="23" x2="100" y2="23" stroke="currentColor" opacity=".15"/>'
        f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2" '
        f'vector-effect="non-scaling-stroke"/><circle cx="{x}" cy="{y}" r="2" fill="{colour}"/></svg>'
    )
