"""Show a `UserError` as one calm sentence where it happened; bugs rise as they are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from bcc.errors import UserError
from bcc.paths import printable
from pages.parts.text import formatting


@contextmanager
def shown(stop: bool = True) -> Iterator[None]:
    """Turn a `UserError` inside the block into `st.error`, and what the system does not permit as well.

    Args:
        stop: whether the page ends there; else it goes on after the block.
    """
    try:
        yield
    except (UserError, PermissionError) as error:
        st.error(formatting.plain(_sentence(error)), icon=":material/error:")
        if stop:
            st.stop()


def _sentence(error: Exception) -> str:
    if isinstance(error, PermissionError):
        return f"'{printable(str(error.filename))}' could not be written or read: {error.strerror}."
    return str(error)
