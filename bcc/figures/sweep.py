"""The answer to a what-if: the value that was tried against the validation accuracy that it reached."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from bcc.figures.colours import OTHER_COLOURS
from bcc.figures.safe_names import label
from bcc.figures.theme import ACCENT, empty, figure, with_alpha


def what_if_answer(
    table: pd.DataFrame | None, field: str, second: str | None = None, score: str = "validation_accuracy"
) -> go.Figure:
    """A dot a run, a line through the means over seeds, a band from the lowest to the highest.

    Args:
        table: a line a run: `field`, `second`, `seed` and `score` (0..1 or missing).
        field: along the axis, on a logarithmic scale where its values span more than a factor of 20.
        second: a line of its own colour for each of its values.
        score: the column up the axis.
    """
    known = None if table is None or table.empty else table[table[score].notna()]
    if known is None or known.empty:
        return empty("No run of this question has finished an epoch yet.", height=360)
    places, numeric = _places(known[field])
    known = known.assign(_x=known[field].map(places))
    lines = [(None, known)] if second is None else list(known.groupby(known[second].map(str), sort=False))
    colours = [ACCENT] if second is None else list(OTHER_COLOURS)
    traces: list[go.Scatter] = []
    for position, (value, part) in enumerate(lines):
        colour = colours[position % len(colours)]
        traces += _line(part, score, colour, _title(field), None if value is None else label(value))
    drawn = figure(traces, height=380, showlegend=second is not None)
    if second is not None:
        drawn.update_layout(legend={"title": f"{_title(second)}  "})
    drawn.update_xaxes(title=_title(field), showgrid=False)
    if numeric:
        tried = np.array(sorted(set(known["_x"])), np.float64)
        if tried[0] > 0 and tried[-1] / tried[0] > 20:
            drawn.update_xaxes(type="log")
        if len(tried) <= 10:
            drawn.update_xaxes(tickvals=tried, ticktext=[f"{value:g}" for value in tried])
    else:
        drawn.update_xaxes(
            tickvals=list(places.values()),
            ticktext=[label(value) for value in places],
            range=[-0.5, len(places) - 0.5],
        )
    low, high = known[score].min(), known[score].max()
    air = max(0.02, 0.15 * (high - low))
    drawn.update_yaxes(
        title=f"{_title(score)} (%)", tickformat=".0%", range=[max(low - air, 0), min(high + air, 1.005)]
    )
    return drawn


def _line(part: pd.DataFrame, score: str, colour: str, field: str, name: str | None) -> list[go.Scatter]:
    groups = part.groupby("_x")[score].agg(["mean", "min", "max", "count"]).sort_index()
    shown = {"legendgroup": name, "name": name}
    tail = "" if name is None else f"<br>{name}"
    band = go.Scatter(
        x=[*groups.index, *groups.index[::-1]], y=[*groups["max"], *groups["min"][::-1]], fill="toself",
        fillcolor=with_alpha(colour, 0.15), line={"width": 0}, hoverinfo="skip", showlegend=False,
        mode="lines", **shown,
    )  # fmt: skip
    mean = go.Scatter(
        x=groups.index, y=groups["mean"], mode="lines+markers", line={"color": colour, "width": 2.5},
        marker={"size": 9}, customdata=groups["count"], showlegend=name is not None, **shown,
        hovertemplate=f"mean %{{y:.1%}} of %{{customdata}} runs{tail}<extra></extra>",
    )  # fmt: skip
    about = part.get("run", pd.Series("", part.index)).map(label) + " · seed " + part["seed"].astype(str)
    dots = go.Scatter(
        x=part["_x"], y=part[score], mode="markers", showlegend=False, customdata=about, **shown,
        marker={"size": 7, "color": "rgba(0,0,0,0)", "line": {"color": colour, "width": 1.5}},
        hovertemplate=f"%{{y:.1%}}<br>%{{customdata}}{tail}<extra></extra>",
    )  # fmt: skip
    return [band, mean, dots]


def _places(values: pd.Series) -> tuple[dict[Any, float], bool]:
    """Where each value stands along the axis, and whether the axis is one of numbers."""
    unique = list(dict.fromkeys(values))
    numeric = all(isinstance(one, int | float) and not isinstance(one, bool) for one in unique)
    if numeric:
        return {one: float(one) for one in unique}, True
    return {one: float(position) for position, one in enumerate(unique)}, False


def _title(name: str) -> str:
    """ "head.learning_rate" -> "learning rate, head"."""
    section, _, field = name.rpartition(".")
    return field.replace("_", " ") + (f", {section.replace('_', ' ')}" if section else "")
