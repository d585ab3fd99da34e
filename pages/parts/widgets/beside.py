"""Two containers side by side, or one below the other in a narrow window."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator


def two(least: int) -> tuple[DeltaGenerator, DeltaGenerator]:
    """Return two containers.

    Args:
        least: minimum width of each in px: that of its widest table, so that no column is cut off.
    """
    with st.grid(2, min_column_width=least, gap="large"):
        return st.container(), st.container()
