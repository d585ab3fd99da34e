"""Figures with text on coloured fields, in the text colour of the page.

Plotly's text is light grey on white, too faint on a coloured field. The figure itself sets no colour, so that
an exported copy is legible on any background; only the one on screen gets the text colour.
"""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

INK = {"light": "#232a35", "dark": "#dfe4ec"}
"""As `textColor` in `.streamlit/config.toml`."""


def inked(drawn: go.Figure) -> go.Figure:
    """Return a copy whose uncoloured text has the page's text colour; unchanged where that is unknown."""
    ink = INK.get(str(st.context.theme.type))
    if ink is None:
        return drawn
    shown = go.Figure(drawn)
    # Streamlit's theme writes over the figure's own font, but not over a trace's.
    for trace in shown.data:
        if isinstance(trace, go.Scatter) and trace.mode == "text" and trace.textfont.color is None:
            trace.update(textfont={"color": ink}, unselected={"textfont": {"color": ink}})
    return shown
