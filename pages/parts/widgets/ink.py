"""Figures with letters on coloured fields, in the ink of the page.

Plotly's letters are a light grey on white paper, too faint on a coloured field. The figure itself names no
colour, so that a copy that was taken along reads on any paper; only the one on screen gets this ink.
"""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

INK = {"light": "#232a35", "dark": "#dfe4ec"}
"""As `textColor` in `.streamlit/config.toml`."""


def inked(drawn: go.Figure) -> go.Figure:
    """A copy whose letters without a colour of their own have the page's; as it is where that is unknown."""
    ink = INK.get(str(st.context.theme.type))
    if ink is None:
        return drawn
    shown = go.Figure(drawn)
    # Streamlit's theme writes over the figure's own font, but not over a trace's.
    for trace in shown.data:
        if isinstance(trace, go.Scatter) and trace.mode == "text" and trace.textfont.color is None:
            trace.update(textfont={"color": ink}, unselected={"textfont": {"color": ink}})
    return shown
