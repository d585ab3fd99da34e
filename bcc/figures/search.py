"""What a search found: its way up, and what mattered."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from bcc.figures.safe_names import label
from bcc.figures.theme import ACCENT, NEUTRAL, empty, figure

_SYMBOLS = {"finished": "circle", "stopped early": "triangle-down", "failed": "x", "at work": "circle-open"}
"""How a run ended, also for those who cannot tell the colours apart."""


def search_history(table: pd.DataFrame | None) -> go.Figure:
    """A mark a run in the order of their start, and the best so far as steps.

    Args:
        table: `number`, `validation_accuracy` (0..1 or missing), `best_so_far`, `state`, `run`.
    """
    known = None if table is None or table.empty else table[table["validation_accuracy"].notna()]
    if known is None or known.empty:
        return empty("No run of this search has finished an epoch yet.", height=320)
    traces: list[go.Scatter] = []
    for state, symbol in _SYMBOLS.items():
        part = known[known["state"] == state]
        if part.empty:
            continue
        traces.append(
            go.Scatter(
                x=part["number"],
                y=part["validation_accuracy"],
                customdata=part[["run"]].map(label),
                mode="markers",
                name=state,
                marker={
                    "symbol": symbol, "size": 9, "color": ACCENT if state == "finished" else NEUTRAL,
                },
                hovertemplate="run %{x}: %{y:.2%}<br>%{customdata[0]}<extra></extra>",
            )
        )  # fmt: skip
    best = known.dropna(subset=["best_so_far"])
    if len(best):
        traces.append(
            go.Scatter(
                x=best["number"],
                y=best["best_so_far"],
                mode="lines",
                name="best so far",
                line={"shape": "hv", "color": ACCENT, "width": 2},
                hoverinfo="skip",
            )
        )
    drawn = figure(traces, height=340, showlegend=True)
    drawn.update_xaxes(title="run", showgrid=False)
    drawn.update_yaxes(title="validation accuracy (%)", tickformat=".0%")
    return drawn


def field_importance(table: pd.DataFrame | None) -> go.Figure:
    """A bar a field, the most important on top.

    Args:
        table: `field` and `importance` (0..1), the largest first.
    """
    if table is None or table.empty:
        return empty("Eight runs must have finished before anything is said about what matters.", height=320)
    fields = [label(one) for one in table["field"]]
    bars = go.Bar(
        x=table["importance"],
        y=fields,
        orientation="h",
        marker={"color": ACCENT},
        text=[f"{value:.0%}" for value in table["importance"]],
        textposition="auto",
        hovertemplate="%{y}: %{x:.1%}<extra></extra>",
    )
    drawn = figure([bars], height=90 + 34 * len(fields), showlegend=False)
    drawn.update_xaxes(title="share of the differences that the field explains", tickformat=".0%")
    drawn.update_yaxes(autorange="reversed", showgrid=False, type="category")
    return drawn
