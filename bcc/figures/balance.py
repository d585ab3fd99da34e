"""How many pictures each class has, and on which side of the split they are."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from bcc.figures.colours import class_colours
from bcc.figures.theme import NEUTRAL, empty, figure, with_alpha

# One colour a class leaves strength and pattern to tell the sides apart.
_SIDES: dict[str, tuple[float, str]] = {
    "train": (1.0, ""),
    "validation": (0.62, ""),
    "test": (0.34, ""),
    "left out": (0.6, "/"),
}
_OTHER_SIDE = (0.5, ".")


def class_counts(frame: pd.DataFrame | None) -> go.Figure:
    """Horizontal bars: pictures per class, stacked by split where the frame has one.

    Args:
        frame: columns class and count, and optionally split ("train", "validation", "test",
            "left out"); classes appear in the order of their first line.
    """
    if frame is None or frame.empty or not frame["count"].sum():
        return empty("There are no pictures to count.")
    classes = list(dict.fromkeys(frame["class"].astype(str)))
    colours = class_colours(classes)
    totals = frame.groupby(frame["class"].astype(str))["count"].sum().reindex(classes)
    sides = list(dict.fromkeys(frame["split"].astype(str))) if "split" in frame else [""]
    sides.sort(key=lambda side: list(_SIDES).index(side) if side in _SIDES else len(_SIDES))
    traces: list[go.BaseTraceType] = []
    for side in sides:
        rows = frame[frame["split"].astype(str) == side] if side else frame
        counts = rows.groupby(rows["class"].astype(str))["count"].sum().reindex(classes, fill_value=0)
        traces += _bars(side, counts, totals, colours)
    drawn = figure(traces, height=90 + 34 * len(classes), barmode="stack", showlegend=len(sides) > 1)
    for name, total in totals.items():
        drawn.add_annotation(x=total, y=name, text=f"{total:,}", showarrow=False, xanchor="left", xshift=6)
    drawn.update_layout(legend={"traceorder": "normal"})
    drawn.update_xaxes(title="pictures", range=[0, totals.max() * 1.1], tickformat=",d")
    drawn.update_yaxes(autorange="reversed", showgrid=False, type="category", title="")
    return drawn


def _bars(side: str, counts: pd.Series, totals: pd.Series, colours: dict[str, str]) -> list[go.BaseTraceType]:
    """The bars of one side, and a grey twin without data for the legend."""
    opacity, pattern = _SIDES.get(side, _OTHER_SIDE) if side else (1.0, "")
    shares = counts / totals.where(totals > 0, 1)
    where = f", {side}" if side else ""
    tail = " (%{customdata:.0%} of the class)" if side else ""
    pattern_of = {"shape": pattern, "solidity": 0.35}
    bars = go.Bar(
        y=counts.index,
        x=counts,
        orientation="h",
        marker={
            "color": [with_alpha(colours[name], opacity) for name in counts.index],
            "pattern": pattern_of,
            "line": {"width": 0},
        },
        customdata=shares,
        hovertemplate="%{y}: %{x:,} pictures" + where + tail + "<extra></extra>",
        legendgroup=side,
        showlegend=False,
    )
    key = go.Bar(
        y=[counts.index[0]],
        x=[None],
        orientation="h",
        marker={"color": with_alpha(NEUTRAL, opacity), "pattern": pattern_of, "line": {"width": 0}},
        name=side,
        legendgroup=side,
        hoverinfo="skip",
    )
    return [bars, key]
