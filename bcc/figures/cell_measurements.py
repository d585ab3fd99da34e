"""Measurements of cells, class by class."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from bcc.figures.colours import class_colours
from bcc.figures.safe_names import labelled
from bcc.figures.theme import empty, figure


def measured_ranges(frame: pd.DataFrame | None, column: str, title: str) -> go.Figure:
    """A box a class: where the middle half lies, and all that is far from it as points.

    Args:
        frame: `class`, `row` and the column.
        column: what to draw.
        title: of the axis, with its unit.
    """
    if frame is None or frame.empty:
        return empty("Nothing was measured.")
    frame = labelled(frame, "class")
    names = list(dict.fromkeys(frame["class"].astype(str)))
    colours = class_colours(names)
    traces = [
        go.Box(
            x=part[column],
            name=name,
            marker={"color": colours[name], "size": 3},
            line={"width": 1.5},
            boxpoints="outliers",
            customdata=part["row"],
            hovertemplate=f"{name}: %{{x:.4g}}, row %{{customdata:,}}<extra></extra>",
            orientation="h",
        )
        for name in names
        for part in [frame[frame["class"].astype(str) == name]]
    ]
    drawn = figure(traces, height=90 + 42 * len(names), showlegend=False)
    drawn.update_xaxes(title=title)
    drawn.update_yaxes(autorange="reversed", showgrid=False, type="category")
    return drawn


def measured_scatter(
    frame: pd.DataFrame | None,
    x: str,
    y: str,
    titles: tuple[str, str],
    height: int = 440,
    legend: bool = True,
) -> go.Figure:
    """One measurement against another, a point an image in the colour of its class.

    Args:
        frame: `class`, `row` and both columns.
        x, y: what to draw.
        titles: of the axes, with their units.
        height: px.
        legend: whether to say which colour is which class; beside another figure that does it is too much.
    """
    if frame is None or frame.empty:
        return empty("Nothing was measured.")
    frame = labelled(frame, "class")
    names = list(dict.fromkeys(frame["class"].astype(str)))
    colours = class_colours(names)
    traces = [
        go.Scattergl(
            x=part[x],
            y=part[y],
            mode="markers",
            name=name,
            marker={"color": colours[name], "size": 4, "opacity": 0.6},
            customdata=part["row"],
            hovertemplate=f"{name}, row %{{customdata:,}}<br>%{{x:.4g}}, %{{y:.4g}}<extra></extra>",
        )
        for name in names
        for part in [frame[frame["class"].astype(str) == name]]
    ]
    drawn = figure(traces, height=height, showlegend=legend)
    drawn.update_layout(legend={"itemsizing": "constant"}, margin={"t": 48 if legend else 8})
    drawn.update_xaxes(title=titles[0]).update_yaxes(title=titles[1])
    return drawn
