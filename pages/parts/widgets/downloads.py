"""Export what is on screen: a figure as a page that opens offline, a table as CSV, arrays as an npz.

Files are made on request: a figure includes plotly's four megabytes.
"""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from bcc.csv_tables import table_text
from bcc.figures.offline import as_page


def figure(drawn: go.Figure, name: str) -> None:
    """Draw an unobtrusive button for a figure; `name` is the name of the file."""
    st.download_button(
        "Figure",
        lambda: as_page(drawn, name),
        f"{name}.html",
        "text/html",
        key=f"download_figure:{name}",
        help="The figure as an HTML page that opens without a network. A PNG: the camera in the figure's "
        "own toolbar.",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
    )


def table(frame: pd.DataFrame, name: str, index: bool = False, label: str = "Table") -> None:
    """Draw an unobtrusive button for a table; `name` is the name of the file."""
    st.download_button(
        label,
        lambda: table_text(frame.reset_index() if index else frame),
        f"{name}.csv",
        "text/csv",
        key=f"download_table:{name}",
        help="The numbers as CSV. Text that a spreadsheet would interpret as a formula is prefixed with "
        "an apostrophe; a last column then says where.",
        icon=":material/table_view:",
        type="tertiary",
        on_click="ignore",
    )


def arrays(name: str, **values: np.ndarray) -> None:
    """Draw an unobtrusive button for arrays, as an `.npz`; `name` is the name of the file."""
    st.download_button(
        "Maps",
        lambda: _npz(values),
        f"{name}.npz",
        "application/octet-stream",
        key=f"download_arrays:{name}",
        help="The underlying arrays, as an .npz for NumPy.",
        icon=":material/data_array:",
        type="tertiary",
        on_click="ignore",
    )


def both(drawn: go.Figure, frame: pd.DataFrame, name: str, index: bool = False) -> None:
    """Draw the buttons for a figure and its table side by side."""
    with st.container(horizontal=True, gap="small"):
        figure(drawn, name)
        table(frame, name, index)


def _npz(values: dict[str, np.ndarray]) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **values)
    return file.getvalue()
