"""A progress bar for work that tells how far it is, gone when the work is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

from pages.parts import words


@contextmanager
def progress(text: str) -> Iterator[Callable[[float, str], None]]:
    """Show a bar; the block gets the callback that `bcc` functions take: (share done, sentence)."""
    place = st.empty()
    bar = place.progress(0.0, words.plain(text))
    try:
        yield lambda share, sentence: bar.progress(min(max(share, 0.0), 1.0), words.plain(sentence))
    finally:
        place.empty()
