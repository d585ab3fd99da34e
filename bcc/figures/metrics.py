"""What was confused with what, and how well each class was recognised."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from bcc.figures.safe_names import label
from bcc.figures.theme import ACCENT, NEUTRAL, empty, figure, with_alpha

Mode = Literal["counts", "rows", "columns"]

# One hue from nothing to full, so that the page shows through: the same steps on light and dark.
_SCALE = [[0, with_alpha(ACCENT, 0)], [1, with_alpha(ACCENT, 1)]]
_MOST_NUMBERS = 20


def confusion(
    matrix: pd.DataFrame | None, mode: Mode = "counts", across: str = "predicted class"
) -> go.Figure:
    """The confusion matrix as an annotated heat map.

    The depth of a field follows the square root of its share of the row (of the column with
    "columns"), so that one mistake in a hundred can be seen beside the diagonal, and a rare class as
    well as a common one. Fields of 0 stay empty but for a faint number.

    Args:
        matrix: counts, true classes down, predicted classes across
            (`bcc.evaluation.confusion_matrix`).
        mode: which numbers to print: "counts" of images, "rows" for the share of the true class
            (the diagonal is recall), "columns" for the share of the predictions (precision).
        across: title of the columns.
    """
    if matrix is None or matrix.empty or not matrix.to_numpy().sum():
        return empty("There are no predictions to compare.")
    counts = matrix.to_numpy(dtype=np.float64)
    true, predicted = [label(name) for name in matrix.index], [label(name) for name in matrix.columns]
    per_row, per_column = counts.sum(axis=1, keepdims=True), counts.sum(axis=0, keepdims=True)
    of_true = counts / np.where(per_row > 0, per_row, 1)
    of_predicted = counts / np.where(per_column > 0, per_column, 1)
    depth = np.sqrt(of_predicted if mode == "columns" else of_true)
    heat = go.Heatmap(
        z=depth,
        x=predicted,
        y=true,
        zmin=0,
        zmax=1,
        colorscale=_SCALE,
        showscale=False,
        xgap=2,
        ygap=2,
        hoverinfo="skip",
    )
    facts = np.dstack([counts, np.broadcast_to(per_row, counts.shape), of_true, of_predicted])
    traces: list[go.BaseTraceType] = [heat]
    if max(counts.shape) <= _MOST_NUMBERS:
        shown = {"counts": counts, "rows": of_true, "columns": of_predicted}[mode]
        traces += _numbers(shown, counts, depth, true, predicted, as_share=mode != "counts")
    field = min(96, max(30, 420 // len(true)))
    traces.append(_handles(facts, true, predicted, field))
    drawn = figure(traces, height=min(740, 152 + field * len(true)))
    # Said outright: plotly leaves room for whole markers at the edges.
    drawn.update_xaxes(
        title=across, type="category", showgrid=False, tickangle=-35,
        range=[-0.5, len(predicted) - 0.5],
    )  # fmt: skip
    drawn.update_yaxes(title="true class", type="category", showgrid=False, range=[len(true) - 0.5, -0.5])
    # Room for the toolbar, which would cover the first line.
    drawn.update_layout(showlegend=False, margin={"t": 30})
    return drawn


def _handles(facts: np.ndarray, true: list[str], predicted: list[str], field: int) -> go.Scatter:
    """An invisible point on every field: plotly lets points be clicked and selected, but no heat map."""
    return go.Scatter(
        x=[name for _ in true for name in predicted],
        y=[name for name in true for _ in predicted],
        mode="markers",
        marker={"symbol": "square", "size": field, "color": "rgba(0,0,0,0)", "line": {"width": 0}},
        selected={"marker": {"color": "rgba(0,0,0,0)"}},
        unselected={"marker": {"color": "rgba(0,0,0,0)"}},
        customdata=facts.reshape(len(true) * len(predicted), -1),
        hovertemplate=(
            "%{customdata[0]:,} of %{customdata[1]:,} <b>%{y}</b> images were called <b>%{x}</b>"
            "<br>%{customdata[2]:.1%} of the true class"
            "<br>%{customdata[3]:.1%} of what was called %{x}<extra></extra>"
        ),
        showlegend=False,
        name="fields",
    )


def _numbers(
    shown: np.ndarray,
    counts: np.ndarray,
    depth: np.ndarray,
    true: list[str],
    predicted: list[str],
    as_share: bool,
) -> list[go.BaseTraceType]:
    """The numbers in the fields: white on deep ones, in the page's own colour elsewhere."""
    groups = [
        (counts == 0, {}, 0.3),
        ((counts > 0) & (depth < 0.75), {}, 1.0),
        ((counts > 0) & (depth >= 0.75), {"color": "white"}, 1.0),
    ]
    traces: list[go.BaseTraceType] = []
    for chosen, font, opacity in groups:
        rows, columns = np.nonzero(chosen)
        if len(rows) == 0:
            continue
        traces.append(
            go.Scatter(
                x=[predicted[column] for column in columns],
                y=[true[row] for row in rows],
                text=[_number(value, as_share) for value in shown[chosen]],
                mode="text",
                textfont=font,
                # A click fades what is not selected; the numbers are to stay.
                unselected={"textfont": {"color": font.get("color", NEUTRAL)}},
                opacity=opacity,
                hoverinfo="skip",
                showlegend=False,
            )
        )
    return traces


def _number(value: float, as_share: bool) -> str:
    """Write "1,204" or "3.2%"; small shares keep a digit, so that a mistake is never a zero."""
    if not as_share:
        return f"{value:,.0f}"
    if value == 0:
        return "0"
    return f"{value:.0%}" if value >= 0.1 else f"{value:.1%}" if value >= 0.0005 else "<0.1%"
