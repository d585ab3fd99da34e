"""Several runs in one image: a column of their histories, or their settings as parallel coordinates."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from bcc.figures.colours import class_colours
from bcc.figures.curves import epoch_numbers
from bcc.figures.safe_names import label, written_out
from bcc.figures.theme import ACCENT, NEUTRAL, empty, figure

MOST_AXES = 7
"""Settings that parallel coordinates show."""


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
            name=label(name),
            line={"color": colour, "width": 2.5},
            hovertemplate=f"{label(name)}: {title} %{{y:{form}}} after epoch %{{x}}<extra></extra>",
        )
        for (name, frame), colour in zip(shown.items(), colours, strict=True)
    ]
    drawn = figure(traces, height=360, showlegend=True)
    drawn.update_xaxes(title="epoch", showgrid=False)
    drawn.update_yaxes(title=f"{title} ({'nats' if is_loss else '%'})", tickformat="" if is_loss else ".0%")
    return drawn


def parallel_runs(points: pd.DataFrame | None, score: str = "validation_accuracy") -> go.Figure:
    """An upright axis a field, a line a run, coloured by its score; drag along an axis to choose runs.

    Args:
        points: a line a run, a column a field (numbers, or texts, which stand side by side), and `score`.
        score: shares of 1; the last axis.
    """
    known = None if points is None else points[points[score].notna()]
    if known is None or len(known) < 2:
        return empty("Choose two runs or more that have finished an epoch.", height=320)
    fields = [name for name in known if name not in ("validation_accuracy", "accuracy")]
    tried = {name: known[name].map(str).nunique() for name in fields}
    # What was tried most says most; more axes than these cannot be read.
    most = sorted((name for name in fields if tried[name] > 1), key=lambda name: -tried[name])[:MOST_AXES]
    dimensions = [_dimension(name, known[name]) for name in fields if name in most]
    if not dimensions:
        return empty("These runs have the same settings.", height=320)
    dimensions.append(
        {"label": score.replace("_", " "), "values": known[score], "tickformat": ".1%"},
    )
    line = {
        "color": known[score],
        "colorscale": [[0, NEUTRAL], [1, ACCENT]],
        "cmin": known[score].min(),
        "cmax": known[score].max(),
    }
    trace = go.Parcoords(dimensions=dimensions, line=line, labelfont={"size": 13}, tickfont={"size": 12})
    return figure([trace], height=400, margin={"l": 70, "r": 70, "t": 60, "b": 24})


def _dimension(name: str, values: pd.Series) -> dict:
    """One axis: numbers as they are, on a logarithmic scale where they span much, texts as places."""
    section, _, field = name.rpartition(".")
    title = f"{field} ({section})".replace("_", " ") if section else field.replace("_", " ")
    numbers = pd.to_numeric(values, errors="coerce")
    if numbers.notna().all():
        if numbers.min() > 0 and numbers.max() / numbers.min() > 20:
            marks = sorted(set(numbers))[:12]
            return {
                "label": title,
                "values": np.log10(numbers),
                "tickvals": [float(np.log10(mark)) for mark in marks],
                "ticktext": [f"{mark:g}" for mark in marks],
            }
        return {"label": title, "values": numbers}
    texts = list(dict.fromkeys(values.map(str)))
    return {
        "label": title,
        "values": values.map(str).map(texts.index),
        "tickvals": list(range(len(texts))),
        "ticktext": [written_out(text if len(text) < 18 else f"{text[:16]}…") for text in texts],
    }
