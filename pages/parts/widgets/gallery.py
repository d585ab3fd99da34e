"""Images in a grid, drawn as one element so that paging stays quick.

Each card has one image or several side by side, a line in the colour of its class, and a caption. The
images travel inside the HTML as JPEG, which keeps a page of fifty to one message.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import streamlit as st

from bcc.datasets import Dataset
from bcc.figures.colours import class_colours
from pages.parts.state import links
from pages.parts.text import formatting

LARGEST = 224
"""Pixels a side beyond which an image is scaled down for the screen."""
_WARNING = "background:rgba(224,164,40,.24);border-radius:4px;padding:1px 6px;margin:2px 0"
"""Of a warning under an image; reads on light and dark."""


@dataclass(frozen=True)
class Card:
    """One cell of the grid.

    Attributes:
        images: uint8 (H, W, 3) RGB each, side by side.
        title, note: the two lines below, the second fainter.
        colour: of the line between, "#rrggbb"; none when empty.
        alt: description for a screen reader.
        warning: a line that stands out, above the note.
    """

    images: tuple[np.ndarray, ...]
    title: str
    note: str
    colour: str
    alt: str
    warning: str = ""


def show(cards: Sequence[Card], label: str, width: int = 104, columns: int = 0) -> None:
    """Draw cards.

    Args:
        cards: in order.
        label: description of the grid for a screen reader.
        width: minimum width of an image, in px; as many columns as fit.
        columns: maximum number of columns; 0 for no limit.
    """
    least = f"{width * max((len(card.images) for card in cards), default=1)}px"
    if columns:
        # As wide as this number of columns allows, but fewer on a narrow screen.
        least = f"max(72px,calc((100% - {12 * (columns - 1)}px) / {columns}))"
    tracks = f"repeat(auto-fill,minmax({least},1fr))"
    grid = f"display:grid;grid-template-columns:{tracks};gap:14px 12px;margin:0"
    cells = "".join(_figure(card) for card in cards)
    st.html(f'<div role="list" aria-label="{formatting.safe(label)}" style="{grid}">{cells}</div>')


def of_rows(
    dataset: Dataset, rows: np.ndarray, caption: str, with_class: bool = True, columns: int = 0
) -> None:
    """Draw rows of a dataset, each with its number and, unless all are of one class, its class."""
    colours = class_colours(dataset.class_names)
    cards = []
    for row, label in zip(rows, dataset.labels[rows], strict=True):
        name, number = dataset.class_names[label], formatting.row(dataset, row)
        title, note = (name, number) if with_class else (number, "")
        cards.append(Card((dataset.images[row],), title, note, colours[name], f"{name}, {number}"))
    show(cards, caption, columns=columns)


def paged(rows: Sequence[int] | np.ndarray, key: str, per_page: int = 48) -> np.ndarray:
    """Draw page numbers where there is more than one page; returns the rows of the chosen page."""
    pages = max(1, -(-len(rows) // per_page))
    page = 1
    if pages > 1:
        # A class with fewer pages than the one before must not begin beyond its end.
        if st.session_state.get(key, 1) > pages:
            st.session_state[key] = pages
        page = st.pagination(pages, key=key, **links.bound(key))
    return np.asarray(rows[(page - 1) * per_page : page * per_page])


def _figure(card: Card) -> str:
    images = "".join(
        f'<img src="{image_uri(image)}" alt="{formatting.safe(card.alt if not position else "")}" '
        'style="flex:1;min-width:0;width:100%;border-radius:6px;display:block">'
        for position, image in enumerate(card.images)
    )
    line = f"border-top:3px solid {card.colour};" if card.colour else ""
    note = f'<div style="opacity:.62">{formatting.safe(card.note)}</div>' if card.note else ""
    if card.warning:
        note = f'<div style="{_WARNING}">⚠ {formatting.safe(card.warning)}</div>{note}'
    return (
        f'<figure role="listitem" style="margin:0"><div style="display:flex;gap:4px">{images}</div>'
        f'<figcaption style="{line}margin-top:4px;padding-top:3px;font-size:.78rem;line-height:1.3;'
        f'overflow-wrap:anywhere">{formatting.safe(card.title)}{note}</figcaption></figure>'
    )


def image_uri(image: np.ndarray) -> str:
    longest = max(image.shape[:2])
    if longest > LARGEST:
        scale = LARGEST / longest
        image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    _, coded = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 92])
    return f"data:image/jpeg;base64,{base64.b64encode(coded.tobytes()).decode()}"
