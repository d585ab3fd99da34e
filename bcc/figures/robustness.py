"""How accuracy falls as images are distorted: a heat map of many distortions, a curve of one."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from bcc.figures.theme import ACCENT, NEUTRAL, empty, figure, with_alpha

_SCALE = [[0, with_alpha(ACCENT, 0)], [1, with_alpha(ACCENT, 1)]]


def robustness_map(frame: pd.DataFrame | None, clean: float | None = None) -> go.Figure:
    """A field for each distortion and strength, darker for more accuracy.

    Args:
        frame: columns distortion, strength, accuracy (0..1), n
            (`bcc.evaluation.robustness.single_distortions`).
        clean: accuracy on the images as they are, shown as a first column.
    """
    if frame is None or frame.empty:
        return empty("There is no robustness to show.")
    names = list(dict.fromkeys(frame["distortion"]))
    wide = frame.pivot(index="distortion", columns="strength", values="accuracy").loc[names]
    columns = [f"{strength:.0%}" for strength in wide.columns]
    values = wide.to_numpy()
    if clean is not None:
        columns = ["none", *columns]
        values = [[clean, *row] for row in values.tolist()]
    heat = go.Heatmap(
        z=values,
        x=columns,
        y=names,
        zmin=0,
        zmax=1,
        colorscale=_SCALE,
        showscale=False,
        xgap=2,
        ygap=2,
        hovertemplate="<b>%{y}</b> at %{x} of its strength<br>%{z:.1%} of the images right<extra></extra>",
    )
    fields = [
        (name, column, value)
        for name, row in zip(names, values, strict=True)
        for column, value in zip(columns, row, strict=True)
    ]
    traces: list[go.BaseTraceType] = [heat]
    for deep in (False, True):
        chosen = [one for one in fields if (one[2] >= 0.75) == deep]
        traces.append(
            go.Scatter(
                x=[column for _, column, _ in chosen],
                y=[name for name, _, _ in chosen],
                text=[f"{value:.0%}" for *_, value in chosen],
                mode="text",
                textfont={"color": "white"} if deep else {},
                hoverinfo="skip",
                showlegend=False,
            )
        )
    drawn = figure(traces, height=132 + 32 * len(names), showlegend=False)
    drawn.update_xaxes(title="strength of the distortion", type="category", showgrid=False)
    drawn.update_yaxes(title="", type="category", showgrid=False, autorange="reversed")
    # Room for the toolbar, which would cover the first line.
    drawn.update_layout(margin={"t": 30})
    return drawn


def strength_curve(frame: pd.DataFrame | None) -> go.Figure:
    """Accuracy, and the share of answers that stayed the same, against the strength of one augmentation.

    Args:
        frame: columns strength, accuracy, unchanged, n (`bcc.evaluation.robustness.strength_curve`).
    """
    if frame is None or frame.empty:
        return empty("There is no curve to show.")
    lines = [
        go.Scatter(
            x=frame["strength"],
            y=frame[column],
            name=name,
            mode="lines+markers",
            line={"color": colour, "width": 2, "dash": dash},
            hovertemplate=f"%{{y:.1%}} {name} at %{{x:.0%}} strength<extra></extra>",
        )
        for column, name, colour, dash in (
            ("accuracy", "right", ACCENT, "solid"),
            ("unchanged", "same answer as without", NEUTRAL, "dot"),
        )
    ]
    drawn = figure(lines, height=300)
    drawn.update_xaxes(title="strength", tickformat=".0%", range=[-0.02, 1.02])
    drawn.update_yaxes(title="share of images", tickformat=".0%", range=[0, 1.02])
    return drawn
