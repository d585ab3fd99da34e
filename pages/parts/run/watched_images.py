"""A few validation images and what the model says of them after each epoch: it makes up its mind.

Under each image stand bars, the probability of the true class after each epoch so far, and the class that
it is called now and how sure, in that class's colour.
"""

from __future__ import annotations

import numpy as np
import streamlit as st

from bcc.datasets import Dataset
from bcc.figures.colours import class_colours
from bcc.runs import Watched
from pages.parts.text import formatting
from pages.parts.widgets.gallery import image_uri

MOST = 40
"""Bars under an image."""


def show(watched: Watched, dataset: Dataset) -> None:
    """Draw the images in a row."""
    colours = class_colours(dataset.class_names)
    cells = "".join(_cell(watched, dataset, at, colours) for at in range(len(watched.rows)))
    count = len(watched.rows)
    # All in one row, but fewer on a narrow screen.
    least = f"max(72px,calc((100% - {12 * (count - 1)}px) / {count}))"
    grid = f"display:grid;grid-template-columns:repeat(auto-fill,minmax({least},1fr));gap:14px 12px;margin:0"
    st.html(f'<div role="list" aria-label="Validation images" style="{grid}">{cells}</div>')


def _cell(watched: Watched, dataset: Dataset, at: int, colours: dict[str, str]) -> str:
    row, label = int(watched.rows[at]), int(watched.labels[at])
    said = watched.probabilities[:, at]
    called = int(said[-1].argmax())
    true, name = dataset.class_names[label], dataset.class_names[called]
    mark = "✓" if called == label else f"is {true}"
    alt = f"{formatting.row(dataset, row)}, {true}, called {name} with {said[-1, called]:.0%}"
    return (
        f'<figure role="listitem" style="margin:0"><img src="{image_uri(dataset.images[row])}" '
        f'alt="{formatting.safe(alt)}" style="width:100%;border-radius:6px;display:block">'
        f"{_bars(said[:, label], colours[true])}"
        f'<figcaption style="border-top:3px solid {colours[name]};padding-top:3px;font-size:.78rem;'
        f'line-height:1.3;overflow-wrap:anywhere">{formatting.safe(name)} {said[-1, called]:.0%}'
        f'<div style="opacity:.62">{formatting.safe(mark)}</div></figcaption></figure>'
    )


def _bars(shares: np.ndarray, colour: str) -> str:
    """A bar an epoch, from 0 to 1; of very many every so many, the last always among them."""
    shown = shares[:: -max(1, -(-len(shares) // MOST))][::-1]
    bar = f"flex:1;max-width:10px;background:{colour}"
    heights = [max(100 * float(share), 3) for share in shown]
    bars = "".join(f'<div style="{bar};height:{height:.0f}%"></div>' for height in heights)
    row = "display:flex;align-items:flex-end;gap:1px;height:26px;margin:4px 0 3px"
    return f'<div aria-hidden="true" style="{row}">{bars}</div>'
