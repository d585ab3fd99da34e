"""What all figures share: one template, one way to be empty; class colours come from `colours`.

The template sets no font colour and paints no background, so that a page's light or dark theme shows
through; every colour here is chosen to read on both.
"""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
import plotly.io as pio

from bcc.figures.colours import OTHER_COLOURS

ACCENT = "#3f77d0"
"""The one colour of figures that are not about classes."""
NEUTRAL = "#8b93a1"
"""What stands behind: raw curves, the training side, reference lines."""
FAINT = "rgba(128, 136, 150, 0.22)"
"""Grid lines and outlines."""

TEMPLATE = "bcc"
"""Name of the template in `plotly.io.templates`."""

_AXIS = {
    "gridcolor": FAINT,
    "zeroline": False,
    "linecolor": FAINT,
    "showline": False,
    "ticks": "",
    "ticklabelstandoff": 6,
    "automargin": True,
    "title": {"standoff": 10, "font": {"size": 13}},
}
pio.templates[TEMPLATE] = go.layout.Template(
    layout={
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "Source Sans, Source Sans Pro, Helvetica, Arial, sans-serif", "size": 13},
        "colorway": list(OTHER_COLOURS),
        "xaxis": _AXIS,
        "yaxis": _AXIS,
        "hoverlabel": {"align": "left", "font": {"size": 13}},
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": NEUTRAL, "activecolor": ACCENT},
        "bargap": 0.3,
    }
)


def with_alpha(colour: str, alpha: float) -> str:
    """Turn "#0c66c1" and 0.5 into "rgba(12, 102, 193, 0.5)"; alpha from 0 (not there) to 1."""
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {alpha:g})"


def figure(traces: Sequence[go.BaseTraceType] = (), *, height: int, **layout: object) -> go.Figure:
    """A figure in the shared template, `height` px high, with further plotly layout if given."""
    return styled(go.Figure(data=list(traces)), height=height, **layout)


def styled(drawn: go.Figure, *, height: int, **layout: object) -> go.Figure:
    """Put a figure into the shared template, in place.

    The margins and the legend are written into the figure itself, because Streamlit's theme
    overrides what a template says about them.

    Args:
        drawn: the figure, which is also returned.
        height: px.
        **layout: further plotly layout.
    """
    drawn.update_layout(
        template=TEMPLATE,
        height=height,
        margin={"l": 8, "r": 16, "t": 28, "b": 8},
        legend={"orientation": "h", "x": 0, "xanchor": "left", "y": 1.0, "yanchor": "bottom", "title": ""},
    )
    drawn.update_layout(**layout)
    return drawn


def empty(sentence: str, height: int = 200) -> go.Figure:
    """A figure without data that says why in one sentence."""
    drawn = figure(height=height)
    drawn.update_xaxes(visible=False).update_yaxes(visible=False)
    drawn.add_annotation(
        text=sentence, xref="paper", yref="paper", x=0.5, y=0.5, showarrow=False, font={"size": 14}
    )
    return drawn
