"""A set as a map: one point an image."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from bcc.figures.safe_names import label
from bcc.figures.theme import NEUTRAL, empty, figure


def map_of_rows(
    points: pd.DataFrame | None, colour_by: str, colours: Mapping[str, str], height: int = 560
) -> go.Figure:
    """One point an image, coloured by one of its columns; the rows are the points' custom data.

    Args:
        points: `row`, `x`, `y`, `class`, `finding` (in words, "" for none) and the column `colour_by`.
        colour_by: which column decides the colour.
        colours: value of that column -> "#rrggbb", in the order of the legend; values that have no point
            are left out, and points without a colour are grey and lie below the others.
        height: px.
    """
    if points is None or points.empty:
        return empty("There are no images to lay out.", height)
    values = points[colour_by].astype(str)
    known = [name for name in colours if (values == name).any()]
    others = sorted(set(values) - set(known))
    size = 4 if len(points) > 4000 else 6 if len(points) > 800 else 8
    traces = []
    for name in (*others, *known):
        part = points[values == name]
        about = part["class"].map(label) + part["finding"].map(
            lambda text: f"<br>{label(text)}" if text else ""
        )
        traces.append(
            go.Scattergl(
                x=part["x"],
                y=part["y"],
                mode="markers",
                name=label(name),
                marker={
                    "color": colours.get(name, NEUTRAL),
                    # The few that the colour is about are not lost among thousands of grey ones.
                    "size": size + 2 if others and name in colours else size,
                    "opacity": 0.75 if name in colours else 0.35,
                    "line": {"width": 0},
                },
                customdata=part["row"],
                text=about,
                hovertemplate="row %{customdata:,}<br>%{text}<extra></extra>",
                # What is chosen stands out by itself: the rest fades.
                unselected={"marker": {"opacity": 0.12}},
            )
        )
    # The view that a person has moved to stays, whatever is drawn anew.
    drawn = figure(traces, height=height, showlegend=True, dragmode="lasso", uirevision="map")
    across = 3 if max(len(trace.name) for trace in traces) < 20 else 2
    key = {"itemsizing": "constant", "entrywidth": 0.96 / across, "entrywidthmode": "fraction"}
    drawn.update_layout(margin={"l": 0, "r": 0, "t": 24 + 20 * -(-len(traces) // across), "b": 0}, legend=key)
    axis = {"showgrid": False, "showticklabels": False, "title": "", "zeroline": False}
    drawn.update_xaxes(**axis).update_yaxes(**axis)
    return drawn
