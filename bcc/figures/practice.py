"""How somebody who practises gets better from day to day."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from bcc.figures.theme import ACCENT, empty, figure, with_alpha


def progress_by_day(frame: pd.DataFrame | None) -> go.Figure:
    """The share of right answers of each day, with its interval as a band.

    Args:
        frame: day ("2026-11-27"), n, share, low, high (0..1), the oldest day first.
    """
    if frame is None or frame.empty:
        return empty("There are no answers yet.")
    days = list(frame["day"])
    band = go.Scatter(
        x=[*days, *days[::-1]],
        y=[*frame["high"], *frame["low"][::-1]],
        fill="toself",
        fillcolor=with_alpha(ACCENT, 0.16),
        line={"width": 0},
        hoverinfo="skip",
    )
    line = go.Scatter(
        x=days,
        y=frame["share"],
        customdata=frame[["n"]],
        mode="lines+markers",
        line={"color": ACCENT, "width": 2.5},
        marker={"size": 8},
        hovertemplate="%{x}<br>%{y:.1%} of %{customdata[0]} cells<extra></extra>",
    )
    drawn = figure([band, line], height=260, showlegend=False)
    drawn.update_xaxes(title="", type="category")
    drawn.update_yaxes(title="right (%)", range=[0, 1.03], tickformat=".0%")
    return drawn
