"""Show a `UserError` as one calm sentence where it happened; bugs rise as they are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from bcc.errors import UserError
from pages.parts import words


@contextmanager
def shown(stop: bool = True) -> Iterator[None]:
    """Turn a `UserError` inside the block into `st.error`.

    Args:
        stop: whether the page ends there; else it goes on after the block.
    """
    try:
        yield
    except UserError as error:
        st.error(words.plain(str(error)), icon=":material/error:")
        if stop:
            st.stop()
