"""Whether probabilities mean what they say, and what holding back unsure answers gains."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from bcc.figures.safe_names import label
from bcc.figures.theme import ACCENT, NEUTRAL, empty, figure, styled, with_alpha
from bcc.wilson import wilson


def reliability_diagram(table: pd.DataFrame | None, calibrated: pd.DataFrame | None = None) -> go.Figure:
    """Accuracy against confidence, above how many predictions there are.

    Args:
        table: low, high, n, confidence, accuracy of groups of predictions.
        calibrated: the same after calibration, to draw beside it.
    """
    if table is None or table.empty:
        return empty("There are no predictions to show.")
    drawn = make_subplots(rows=2, cols=1, shared_xaxes=True, row_heights=[0.75, 0.25], vertical_spacing=0.06)
    drawn.add_trace(
        go.Scatter(
            x=[0, 1], y=[0, 1], mode="lines", hoverinfo="skip", name="perfect calibration",
            line={"color": NEUTRAL, "dash": "dot", "width": 1.5},
        ),
        row=1, col=1,
    )  # fmt: skip
    told = [("uncalibrated", table, NEUTRAL)] if calibrated is not None else [("", table, ACCENT)]
    if calibrated is not None:
        told.append(("calibrated", calibrated, ACCENT))
    for name, frame, colour in told:
        drawn.add_trace(
            go.Scatter(
                x=frame["confidence"], y=frame["accuracy"], mode="lines+markers", name=name or "predictions",
                line={"color": colour, "width": 2.5}, marker={"size": 8},
                error_y=_binomial(frame, colour), customdata=frame[["n", "low", "high"]],
                hovertemplate="%{customdata[0]:,} predictions, %{customdata[1]:.0%} to %{customdata[2]:.0%}"
                "<br>mean confidence %{x:.1%}<br>accuracy %{y:.1%}<extra>" + name + "</extra>",
            ),
            row=1, col=1,
        )  # fmt: skip
    shown = table if calibrated is None else calibrated
    drawn.add_trace(
        go.Bar(
            x=(shown["low"] + shown["high"]) / 2, y=shown["n"], showlegend=False,
            width=np.maximum(shown["high"] - shown["low"], 0.004) * 0.92,
            marker={"color": with_alpha(ACCENT, 0.55), "line": {"width": 0}},
            hovertemplate="%{y:,} predictions<extra></extra>",
        ),
        row=2, col=1,
    )  # fmt: skip
    styled(drawn, height=470)
    drawn.update_xaxes(range=[0, 1.01], tickformat=".0%")
    drawn.update_xaxes(title="confidence (%)", row=2, col=1)
    drawn.update_yaxes(title="accuracy (%)", range=[0, 1.03], tickformat=".0%", row=1, col=1)
    drawn.update_yaxes(title="predictions", row=2, col=1)
    return drawn


def _binomial(frame: pd.DataFrame, colour: str) -> dict[str, object]:
    """Wilson's 95 % interval of each group's accuracy, so that a group of three is not taken for a law."""
    share = frame["accuracy"].to_numpy(float)
    low, high = wilson(share, frame["n"].to_numpy(float))
    return {
        "type": "data", "symmetric": False, "array": high - share,
        "arrayminus": share - low, "color": with_alpha(colour, 0.5),
        "thickness": 1.5, "width": 0,
    }  # fmt: skip


def risk_coverage_curves(
    curves: Mapping[str, pd.DataFrame] | None, chosen: tuple[float, float] | None = None
) -> go.Figure:
    """Accuracy of the accepted predictions, as fewer are accepted.

    Args:
        curves: name -> coverage, accuracy, threshold.
        chosen: coverage and accuracy at the chosen threshold, to mark.
    """
    shown = {name: frame for name, frame in (curves or {}).items() if len(frame)}
    if not shown:
        return empty("There are no predictions to show.")
    colours = [ACCENT, NEUTRAL, "#b53a00", "#3c9d54", "#a782f9", "#cbad0d"]
    traces = [
        go.Scatter(
            x=frame["coverage"], y=frame["accuracy"], mode="lines", name=label(name),
            line={"color": colours[position % len(colours)], "width": 2.5}, customdata=frame["threshold"],
            hovertemplate="accepted %{x:.1%}<br>accuracy %{y:.2%}<br>confidence at least %{customdata:.1%}"
            "<extra>" + label(name) + "</extra>",
        )
        for position, (name, frame) in enumerate(shown.items())
    ]  # fmt: skip
    if chosen is not None and np.isfinite(chosen[1]):
        traces.append(
            go.Scatter(
                x=[chosen[0]], y=[chosen[1]], mode="markers", name="chosen threshold",
                marker={"size": 11, "color": "#b53a00"},
                hovertemplate="accepted %{x:.1%}<br>accuracy %{y:.2%}<extra>chosen threshold</extra>",
            )
        )  # fmt: skip
    lowest = min(float(frame["accuracy"].iloc[len(frame) // 20 :].min()) for frame in shown.values())
    drawn = figure(traces, height=400, showlegend=len(traces) > 1)
    drawn.update_xaxes(title="coverage: accepted predictions (%)", range=[0, 1.01], tickformat=".0%")
    drawn.update_yaxes(
        title="accuracy of the accepted (%)", range=[max(lowest - 0.02, 0), 1.003], tickformat=".1%"
    )
    return drawn
