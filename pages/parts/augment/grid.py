"""A table of cells and their augmented forms, drawn as one element so that sliders stay quick."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from pages.parts.text import formatting
from pages.parts.widgets.gallery import image_uri

LARGEST = 118
"""Most pixels that an image is wide on the screen."""


def show(
    label: str,
    head: Sequence[tuple[np.ndarray, str, str]],
    lines: Sequence[tuple[str, Sequence[str]]],
    columns: int = 0,
    aside: float = 3.2,
) -> None:
    """Draw a table of images.

    Args:
        label: description for a screen reader.
        head: image, name and colour ("#rrggbb") per column; the table has no header without it.
        lines: label at the left and the HTML of the cells (`cell`) per row.
        columns: number of columns, where there is no head.
        aside: width of the labels at the left, in rem.
    """
    tracks = f"{aside}rem repeat({len(head) or columns},minmax(0,{LARGEST}px))"
    top = f'<div style="{_ASIDE}">original</div>' if head else ""
    top += "".join(
        f'<div role="columnheader">{_image(image, f"{name}, unchanged")}'
        f'<div style="border-top:3px solid {colour};margin-top:3px;padding-top:2px;font-size:.7rem;'
        f'line-height:1.2;hyphens:auto;overflow-wrap:break-word" lang="en">'
        f"{formatting.safe(name)}</div></div>"
        for image, name, colour in head
    )
    body = "".join(
        f'<div role="rowheader" style="{_ASIDE}" lang="en">{formatting.safe(name)}</div>' + "".join(cells)
        for name, cells in lines
    )
    st.html(
        f'<div role="table" aria-label="{formatting.safe(label)}" '
        f'style="display:grid;grid-template-columns:{tracks};gap:8px 6px;align-items:start">{top}{body}</div>'
    )


def cell(image: np.ndarray, alt: str, below: str = "", flipped: bool = False) -> str:
    """Return the HTML of one image.

    Args:
        image: uint8 (H, W, 3).
        alt: description for a screen reader.
        below: HTML under it (`bar`, `line`).
        flipped: whether to frame it, because the prediction has changed.
    """
    ring = "outline:2px solid #d1495b;outline-offset:1px;" if flipped else ""
    return f'<div role="cell">{_image(image, alt, ring)}{below}</div>'


def bar(shares: np.ndarray, names: Sequence[str], colours: dict[str, str]) -> str:
    """Return the HTML of a mixed label: a segment per class, as wide as its share."""
    parts = "".join(
        f'<span title="{formatting.safe(names[k])} {shares[k]:.0%}" style="background:{colours[names[k]]};'
        f'width:{100 * shares[k]:.1f}%"></span>'
        for k in np.argsort(-shares)
        if shares[k] > 0.005
    )
    text = " + ".join(f"{shares[k]:.0%} {names[k]}" for k in np.argsort(-shares)[:4] if shares[k] > 0.005)
    return (
        f'<div style="display:flex;height:5px;margin-top:3px;border-radius:2px;overflow:hidden">{parts}</div>'
        + line(text)
    )


def line(text: str, strong: bool = False) -> str:
    """Return the HTML of a small line of text."""
    weight = "font-weight:600;letter-spacing:-.02em;" if strong else "opacity:.7;"
    return (
        f'<div style="font-size:.7rem;line-height:1.2;margin-top:3px;hyphens:auto;overflow-wrap:break-word;'
        f'{weight}" lang="en">{formatting.safe(text)}</div>'
    )


_ASIDE = (
    "font-size:.75rem;opacity:.7;align-self:center;text-align:right;padding-right:2px;hyphens:auto;"
    "overflow-wrap:break-word"
)


def _image(image: np.ndarray, alt: str, style: str = "") -> str:
    return (
        f'<img src="{image_uri(image)}" alt="{formatting.safe(alt)}" '
        f'style="width:100%;display:block;border-radius:5px;{style}">'
    )
