"""One column of several runs' histories in one picture."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from bcc.figures.colours import class_colours
from bcc.figures.curves import epoch_numbers
from bcc.figures.theme import empty, figure


def run_curves(
    histories: Mapping[str, pd.DataFrame] | None, column: str = "validation_accuracy"
) -> go.Figure:
    """One line a run, epoch by epoch.

    Args:
        histories: the run's name -> its history, as for `training_curves`; runs without the column
            are left out.
        column: what to compare; shares of 1 unless it is a loss.
    """
    shown = {name: frame for name, frame in (histories or {}).items() if column in frame and len(frame)}
    if not shown:
        return empty("No run has finished an epoch yet.", height=320)
    title, is_loss = column.replace("_", " "), column.endswith("loss")
    form = ".3f" if is_loss else ".1%"
    colours = class_colours([f"run {position}" for position in range(len(shown))]).values()
    traces = [
        go.Scatter(
            x=epoch_numbers(frame),
            y=frame[column],
            mode="lines+markers" if frame[column].notna().sum() < 3 else "lines",
            name=name,
            line={"color": colour, "width": 2.5},
            hovertemplate=f"{name}: {title} %{{y:{form}}} after epoch %{{x}}<extra></extra>",
        )
        for (name, frame), colour in zip(shown.items(), colours, strict=True)
    ]
    drawn = figure(traces, height=360, showlegend=True)
    drawn.update_xaxes(title="epoch", showgrid=False)
    drawn.update_yaxes(title=f"{title} ({'nats' if is_loss else '%'})", tickformat="" if is_loss else ".0%")
    return drawn
