"""Two things beside one another, or one below the other where the window has no room for both."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator


def two(least: int) -> tuple[DeltaGenerator, DeltaGenerator]:
    """Two containers.

    Args:
        least: pixels that each wants: as many as its widest table has, so that no column of it is cut off.
    """
    with st.grid(2, min_column_width=least, gap="large"):
        return st.container(), st.container()
