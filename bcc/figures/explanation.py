"""Why a model says so: scores of maps, differences of maps, probabilities of one cell."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from bcc.figures.colours import OTHER_COLOURS, class_colours
from bcc.figures.safe_names import label
from bcc.figures.theme import ACCENT, FAINT, NEUTRAL, empty, figure

_DIVERGING = [[0.0, "#b5651d"], [0.5, "rgba(128, 136, 150, 0.08)"], [1.0, "#3f77d0"]]


def map_difference(gap: np.ndarray | None, one: str, other: str) -> go.Figure:
    """Where one class looks more than another.

    Args:
        gap: float (h, w), -1..1, positive where `one` looks more.
    """
    if gap is None or gap.size == 0 or not np.abs(gap).max() > 0:
        return empty("There is no difference to show.")
    drawn = figure(
        [
            go.Heatmap(
                z=gap,
                zmin=-1,
                zmax=1,
                colorscale=_DIVERGING,
                colorbar={
                    "orientation": "h",
                    "y": -0.02,
                    "yanchor": "top",
                    "len": 0.7,
                    "thickness": 10,
                    "outlinewidth": 0,
                    "tickvals": [-0.9, 0.9],
                    "ticktext": [f"more in {label(other)}", f"more in {label(one)}"],
                },
                hovertemplate="%{z:+.0%} at column %{x}, row %{y}<extra></extra>",
            )
        ],
        height=400,
    )
    drawn.update_xaxes(visible=False, constrain="domain")
    drawn.update_yaxes(visible=False, autorange="reversed", scaleanchor="x", constrain="domain")
    drawn.update_layout(margin={"t": 8, "b": 40})
    return drawn


def trust_bars(table: pd.DataFrame) -> go.Figure:
    """How faithful each method is, beside maps that no model made; the best on top.

    Args:
        table: of `bcc.explain.trust.summarise`: `method`, `stage`, `faithful`, `error`, `believable`. Methods
            without a number, all of whose maps are empty, are left out.
    """
    if table is None or table.empty:
        return empty("No map has been scored.")
    table = table.dropna(subset=["faithful"]).sort_values("faithful", kind="stable")
    if table.empty:
        return empty("Every map was empty.")
    controls = table["stage"] == "no model"
    colours = np.where(controls, NEUTRAL, np.where(table["believable"], "#3c9d54", ACCENT))
    names = [f"{method} · {stage}" for method, stage in zip(table["method"], table["stage"], strict=True)]
    drawn = figure(
        [
            go.Bar(
                x=table["faithful"],
                y=names,
                orientation="h",
                marker={"color": colours.tolist()},
                hovertemplate="%{y}: %{x:.2f}<extra></extra>",
            )
        ],
        height=70 + 24 * len(table),
    )
    best = table.loc[controls, "faithful"].max() if controls.any() else None
    if best is not None:
        drawn.add_vline(best, line={"color": NEUTRAL, "dash": "dot", "width": 1})
        drawn.add_annotation(
            x=best, y=1, yref="paper", yanchor="bottom", text="best without a model", showarrow=False,
            font={"size": 12, "color": NEUTRAL},
        )  # fmt: skip
    drawn.update_xaxes(title={"text": "insertion less deletion"}, zeroline=True, zerolinecolor=FAINT)
    # Said outright: plotly would leave names out that it has little room for.
    drawn.update_yaxes(showgrid=False, type="category", dtick=1)
    return drawn


def randomisation_curves(frame: pd.DataFrame | None, most: float) -> go.Figure:
    """How much of its maps a method keeps while the weights are randomised.

    Args:
        frame: columns `method`, `randomised` (the levels in order), `likeness` (-1..1), a row per level
            and map.
        most: likeness above which maps at the end do not show what was learned, marked by a line.
    """
    if frame is None or frame.empty:
        return empty("Nothing was randomised.")
    traces: list[go.BaseTraceType] = []
    least = min(float(frame["likeness"].min()), -0.2)
    for position, (method, part) in enumerate(frame.groupby("method", sort=False)):
        levels = part.groupby("randomised", sort=False)["likeness"]
        mean = levels.mean()
        low, high = mean - levels.min(), levels.max() - mean
        colour = OTHER_COLOURS[position % len(OTHER_COLOURS)]
        traces.append(
            go.Scatter(
                x=mean.index,
                y=mean,
                name=str(method),
                mode="lines+markers",
                line={"color": colour, "width": 2.5},
                marker={"size": 7},
                error_y={
                    "type": "data", "symmetric": False, "array": high, "arrayminus": low,
                    "color": colour, "thickness": 1, "width": 0,
                },
                hovertemplate=f"{method}, randomised: %{{x}}<br>%{{y:.2f}} like the map of the run"
                "<extra></extra>",
            )
        )  # fmt: skip
    drawn = figure(traces, height=340, showlegend=True)
    drawn.add_hline(most, line={"color": NEUTRAL, "dash": "dot", "width": 1})
    drawn.update_xaxes(title={"text": "randomised weights"}, type="category", showgrid=False)
    drawn.update_yaxes(title={"text": "likeness to the first map"}, range=[least - 0.05, 1.05])
    return drawn


def class_probabilities(probabilities: np.ndarray, class_names: Sequence[str]) -> go.Figure:
    """What a model says of one image: a bar a class in its colour.

    Args:
        probabilities: float (K,), 0..1.
        class_names: K names, in the order of the bars, top to bottom.
    """
    colours = class_colours(class_names)
    colours = {label(name): colour for name, colour in colours.items()}
    names = list(colours)[::-1]
    values = np.asarray(probabilities, float)[::-1]
    drawn = figure(
        [
            go.Bar(
                x=values,
                y=names,
                orientation="h",
                marker={"color": [colours[name] for name in names]},
                text=[_few(value) for value in values],
                textposition="outside",
                cliponaxis=False,
                hovertemplate="%{y}: %{x:.1%}<extra></extra>",
            )
        ],
        height=40 + 30 * len(names),
    )
    drawn.update_xaxes(range=[0, 1.08], tickformat=".0%", tickvals=[0, 0.25, 0.5, 0.75, 1])
    drawn.update_yaxes(showgrid=False)
    drawn.update_layout(margin={"t": 4, "r": 36})
    return drawn


def _few(value: float) -> str:
    """As short as can be, and never rounded to a certainty."""
    if 0 < value < 0.005:
        return "<1%"
    return ">99%" if 0.995 <= value < 1 else f"{value:.0%}"


def probability_sweep(
    values: np.ndarray, probabilities: np.ndarray, class_names: Sequence[str], what: str, now: float
) -> go.Figure:
    """How the probability of each class changes with one property of a cell.

    Args:
        values: float (M,), of the property.
        probabilities: float (M, K).
        class_names: K names.
        what: the property, with its unit.
        now: its present value, marked by a line.
    """
    if len(values) == 0:
        return empty("Nothing was swept.")
    colours = class_colours(class_names)
    traces = [
        go.Scatter(
            x=values,
            y=probabilities[:, place],
            name=label(name),
            mode="lines+markers",
            marker={"size": 4},
            line={"color": colours[name], "width": 2},
            hovertemplate=f"{label(name)}: %{{y:.0%}} at %{{x:.3g}}<extra></extra>",
        )
        for place, name in enumerate(class_names)
    ]
    drawn = figure(traces, height=360, margin={"l": 8, "r": 16, "t": 76, "b": 8})
    drawn.add_vline(now, line={"color": NEUTRAL, "dash": "dot", "width": 1})
    drawn.update_xaxes(title={"text": what})
    drawn.update_yaxes(title={"text": "probability"}, range=[-0.02, 1.02], tickformat=".0%")
    return drawn
