"""A grid of images to pick from, with mouse or keyboard: one, several, a range, or one to open.

Drawn by a component of its own, since an image of Streamlit cannot be clicked. Names and notes go in as data
and are set as text, never as HTML.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st

from pages.parts.widgets.gallery import Card, image_uri

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Picked:
    """What a person did with the grid.

    Attributes:
        rows: int64 (M,), the picked cards by the numbers that they were given, in order.
        opened: the card that was just opened, `None` for none.
    """

    rows: np.ndarray
    opened: int | None


def show(
    cards: Sequence[Card], rows: Sequence[int] | np.ndarray, label: str, key: str, width: int = 112
) -> Picked:
    """Draw cards and return what is picked.

    Args:
        cards: in order; of each card's images the first is drawn.
        rows: number of each card, unique.
        label: description of the grid for a screen reader.
        key: of the grid. `clear` forgets what is picked.
        width: minimum width of an image, in px.
    """
    numbers = [int(row) for row in rows]
    data = {
        "label": label,
        "width": width,
        "cards": [
            {
                "row": row,
                "src": image_uri(card.images[0]),
                "title": card.title,
                "note": card.note,
                "colour": card.colour,
                "alt": card.alt,
                "mark": card.warning,
            }
            for row, card in zip(numbers, cards, strict=True)
        ],
    }
    # Another key is another grid: what was picked in the old one is gone.
    mounted = f"{key}:{st.session_state.get(_turn(key), 0)}"
    result = _component()(
        key=mounted,
        data=data,
        default={"picked": []},
        on_picked_change=_nothing,
        on_opened_change=_nothing,
    )
    picked = [row for row in (result.picked or []) if row in set(numbers)]
    opened = result.opened if result.opened in numbers else None
    return Picked(np.array(picked, np.int64), opened)


def clear(key: str) -> None:
    """Forget what is picked in a grid."""
    st.session_state[_turn(key)] = st.session_state.get(_turn(key), 0) + 1


def _turn(key: str) -> str:
    return f"{key}:turn"


def _nothing() -> None:
    """Streamlit wants a callback for each value that a component sends."""


@st.cache_resource(show_spinner=False)
def _component() -> st.components.v2.types.ComponentRenderer:
    return st.components.v2.component(
        "bcc.pick_gallery",
        css=(_HERE / "pick_gallery.css").read_text("utf-8"),
        js=(_HERE / "pick_gallery.js").read_text("utf-8"),
    )
