"""Scores with their intervals, and the curves that areas are taken under."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from bcc.figures.colours import class_colours
from bcc.figures.safe_names import label, labelled
from bcc.figures.theme import NEUTRAL, empty, figure


def score_intervals(frame: pd.DataFrame | None, title: str) -> go.Figure:
    """A dot a class on the scale of one score, with its interval as a line.

    Args:
        frame: class, value, low, high, support; classes without a value are left out.
        title: of the score.
    """
    shown = frame.dropna(subset=["value"]) if frame is not None else None
    if shown is None or shown.empty:
        return empty("There are no scores to show.")
    shown = labelled(shown, "class")
    names = shown["class"]
    colours = class_colours(names)
    low = shown["low"].fillna(shown["value"])
    high = shown["high"].fillna(shown["value"])
    dots = [
        go.Scatter(
            x=[value],
            y=[name],
            mode="markers",
            marker={"size": 11, "color": colours[name]},
            error_x={
                "type": "data", "symmetric": False, "array": [max(end - value, 0)],
                "arrayminus": [max(value - start, 0)], "color": colours[name], "thickness": 2.5, "width": 0,
            },
            hovertemplate=f"<b>{name}</b><br>{title} {value:.1%} [{start:.1%} to {end:.1%}]"
            f"<br>{support:,} images<extra></extra>",
        )
        for name, value, start, end, support in zip(
            names, shown["value"], low, high, shown["support"], strict=True
        )
    ]  # fmt: skip
    drawn = figure(dots, height=100 + 34 * len(shown), showlegend=False)
    least = float(low.min())
    drawn.update_layout(margin={"r": 24, "t": 8})
    # Classes are told apart by tenths of a percent: the scale begins below the lowest, not at 0.
    drawn.update_xaxes(title=f"{title} (%)", range=[max(min(least - 0.03, 0.9), -1), 1.005], tickformat=".0%")
    drawn.update_yaxes(autorange="reversed", type="category", title="")
    return drawn


def roc_curves(curves: Mapping[str, pd.DataFrame] | None, areas: Mapping[str, float]) -> go.Figure:
    """Finds against false alarms, a line a class.

    Args:
        curves: class -> false_positive_rate, true_positive_rate, threshold.
        areas: class -> area under it.
    """
    drawn = _curves(
        curves, areas, "false_positive_rate", "true_positive_rate",
        "false alarms %{x:.1%}<br>found %{y:.1%}", "hv",
    )  # fmt: skip
    if not curves:
        return drawn
    drawn.add_trace(
        go.Scatter(
            x=[0, 1], y=[0, 1], mode="lines", hoverinfo="skip", showlegend=False,
            line={"color": NEUTRAL, "dash": "dot", "width": 1.5},
        )
    )  # fmt: skip
    drawn.update_xaxes(title="false alarms: other images called so (%)", range=[-0.01, 1.01])
    drawn.update_yaxes(title="found: recall (%)", range=[0, 1.01])
    return drawn


def precision_recall_curves(
    curves: Mapping[str, pd.DataFrame] | None, areas: Mapping[str, float]
) -> go.Figure:
    """Precision against recall, a line a class.

    Args:
        curves: class -> recall, precision, threshold.
        areas: class -> average precision.
    """
    drawn = _curves(
        curves, areas, "recall", "precision", "found %{x:.1%}<br>of the calls right %{y:.1%}", "vh"
    )
    if curves:
        drawn.update_xaxes(title="found: recall (%)", range=[-0.01, 1.01])
        drawn.update_yaxes(title="precision (%)", range=[0, 1.01])
    return drawn


def _curves(
    curves: Mapping[str, pd.DataFrame] | None,
    areas: Mapping[str, float],
    x: str,
    y: str,
    hover: str,
    shape: str,
) -> go.Figure:
    if not curves:
        return empty("No class has both images of its own and others, so there is no curve.", 300)
    colours = class_colours(curves)
    traces = [
        go.Scatter(
            x=frame[x],
            y=frame[y],
            mode="lines",
            name=f"{label(name)} {areas[name]:.3f}",
            line={"color": colours[name], "width": 2, "shape": shape},
            customdata=frame["threshold"],
            hovertemplate=f"<b>{label(name)}</b><br>{hover}<br>"
            "from probability %{customdata:.2f}<extra></extra>",
        )
        for name, frame in curves.items()
    ]
    drawn = figure(traces, height=470, showlegend=True)
    drawn.update_layout(
        legend={"orientation": "h", "y": -0.2, "yanchor": "top", "x": 0}, margin={"t": 8, "b": 8}
    )
    drawn.update_xaxes(tickformat=".0%")
    drawn.update_yaxes(tickformat=".0%")
    return drawn
