"""How training went: per epoch, and per batch while it runs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from bcc.figures.theme import ACCENT, NEUTRAL, empty, styled

_NOTHING_YET = "No epoch has finished yet."


def epoch_numbers(history: pd.DataFrame) -> np.ndarray:
    """Epochs counted through all phases: the column where it only grows, else the line's number."""
    if "epoch" in history:
        epochs: np.ndarray = history["epoch"].to_numpy(dtype=np.float64)
        if np.isfinite(epochs).all() and (np.diff(epochs) > 0).all():
            return epochs
    return np.arange(1, len(history) + 1, dtype=np.float64)


def training_curves(
    history: pd.DataFrame | None, metric: str = "accuracy", baseline: float | None = None
) -> go.Figure:
    """Loss and one score side by side, training against validation, epoch by epoch.

    Columns that are missing are left out; a dot marks the best epoch on validation, a thin line the
    beginning of each further phase.

    Args:
        history: one line an epoch; any of epoch, phase, loss, validation_loss, `metric`,
            validation_`metric` (shares of 1) and learning_rate.
        metric: the score on the right.
        baseline: what the linear baseline reached in that score, drawn as a dotted line.
    """
    if history is None or history.empty:
        return empty(_NOTHING_YET, height=320)
    epochs = epoch_numbers(history)
    # A history may know one of the two alone; an empty panel beside it would tell nothing.
    known = [name for name in ("loss", metric) if _is_known(history, name)] or ["loss", metric]
    drawn = make_subplots(rows=1, cols=len(known), horizontal_spacing=0.15)
    named: set[str] = set()
    for column, name in enumerate(known, start=1):
        form = ".3f" if name == "loss" else ".1%"
        for trace in _pair(history, epochs, name, form):
            trace.showlegend = trace.name not in named
            named.add(trace.name)
            drawn.add_trace(trace, row=1, col=column)
        best = _best(history, epochs, f"validation_{name}", lowest=name == "loss", form=form)
        if best is not None:
            drawn.add_trace(best, row=1, col=column)
    styled(drawn, height=340)
    drawn.update_xaxes(title="epoch", range=_epoch_range(epochs), showgrid=False, tickformat="d")
    # Not by the number of lines: a history may hold an epoch out of sixty.
    if epochs[-1] - epochs[0] < 12:
        drawn.update_xaxes(dtick=1)
    last = len(known)
    if "loss" in known:
        drawn.update_yaxes(title="loss (nats)", rangemode="tozero", row=1, col=1)
    if metric in known:
        # With a decimal where ticks are closer than a hundredth, else several would read alike.
        title = f"{metric.replace('_', ' ')} (%)"
        drawn.update_yaxes(title=title, tickformat=".1~%", row=1, col=last)
        if baseline is not None and np.isfinite(baseline):
            _reference(drawn, baseline, col=last)
    axis = "" if last == 1 else str(last)
    for start, phase in _phase_starts(history, epochs):
        for column in range(1, last + 1):
            drawn.add_vline(start, line={"color": NEUTRAL, "width": 1}, opacity=0.5, row=1, col=column)
        drawn.add_annotation(
            text=phase, xref=f"x{axis}", x=start, xanchor="left", yref=f"y{axis} domain", y=1,
            yanchor="bottom", showarrow=False, font={"size": 12},
        )  # fmt: skip
    return drawn


def batch_curve(
    batches: pd.DataFrame | None, metric: str = "accuracy", baseline: float | None = None
) -> go.Figure:
    """Loss and one score per batch: a smoothed line over the faint raw values.

    Args:
        batches: columns step, loss and `metric`; one line a logged step.
        metric: the score on the right; without the column only the loss is drawn.
        baseline: what the linear baseline reached in that score, drawn as a dotted line.
    """
    names = [name for name in ("loss", metric) if batches is not None and name in batches]
    if batches is None or batches.empty or not names:
        return empty("No batch has been seen yet.", height=260)
    drawn = make_subplots(rows=1, cols=len(names), horizontal_spacing=0.15)
    steps = batches["step"] if "step" in batches else pd.Series(np.arange(1, len(batches) + 1))
    for column, name in enumerate(names, start=1):
        form = ".3f" if name == "loss" else ".1%"
        title = name.replace("_", " ")
        raw = go.Scattergl if len(batches) > 3000 else go.Scatter
        drawn.add_trace(
            raw(
                x=steps, y=batches[name], mode="lines", line={"color": NEUTRAL, "width": 1}, opacity=0.4,
                hoverinfo="skip", showlegend=False,
            ),
            row=1, col=column,
        )  # fmt: skip
        drawn.add_trace(
            go.Scatter(
                x=steps, y=_smoothed(batches[name]), mode="lines", line={"color": ACCENT, "width": 2.5},
                hovertemplate=f"{title} %{{y:{form}}}, smoothed, at step %{{x:,}}<extra></extra>",
                showlegend=False,
            ),
            row=1, col=column,
        )  # fmt: skip
        unit = "nats" if name == "loss" else "%"
        drawn.update_yaxes(title=f"{title} ({unit})", row=1, col=column)
        if name != "loss":
            drawn.update_yaxes(tickformat=".0%", row=1, col=column)
            if baseline is not None and np.isfinite(baseline):
                _reference(drawn, baseline, col=column)
    styled(drawn, height=280, margin={"t": 12})
    drawn.update_xaxes(title="step (batches)", showgrid=False, tickformat=",d")
    return drawn


def _is_known(history: pd.DataFrame, name: str) -> bool:
    """Whether a value of training or validation is there at all."""
    columns = [column for column in (name, f"validation_{name}") if column in history]
    return bool(history[columns].notna().any(axis=None)) if columns else False


def _pair(history: pd.DataFrame, epochs: np.ndarray, name: str, form: str) -> list[go.Scatter]:
    """Training behind in grey, validation in front."""
    title = name.replace("_", " ")
    rate = history.get("learning_rate")
    tail = "<br>learning rate %{customdata:.2g}" if rate is not None else ""
    traces = []
    for column, side, colour, width in (
        (name, "training", NEUTRAL, 2),
        (f"validation_{name}", "validation", ACCENT, 2.5),
    ):
        if column not in history or history[column].isna().all():
            continue
        traces.append(
            go.Scatter(
                x=epochs,
                y=history[column],
                # A line through one point cannot be seen.
                mode="lines+markers" if history[column].notna().sum() < 3 else "lines",
                line={"color": colour, "width": width},
                marker={"size": 7},
                name=side,
                legendgroup=side,
                customdata=rate,
                hovertemplate=f"{side} {title} %{{y:{form}}} after epoch %{{x}}{tail}<extra></extra>",
            )
        )
    return traces


def _best(
    history: pd.DataFrame, epochs: np.ndarray, column: str, lowest: bool, form: str
) -> go.Scatter | None:
    """A dot on the best finite value of a column."""
    if column not in history or history[column].notna().sum() < 3:
        return None
    values = history[column].to_numpy(dtype=np.float64)
    at = int(np.nanargmin(values) if lowest else np.nanargmax(values))
    return go.Scatter(
        x=[epochs[at]],
        y=[values[at]],
        mode="markers",
        marker={"size": 9, "color": ACCENT},
        hovertemplate=f"best so far: %{{y:{form}}} after epoch %{{x}}<extra></extra>",
        legendgroup="validation",
        showlegend=False,
    )


def _phase_starts(history: pd.DataFrame, epochs: np.ndarray) -> list[tuple[float, str]]:
    """Between which epochs each phase but the first begins, and what it is called."""
    if "phase" not in history:
        return []
    phases = history["phase"].to_numpy()
    named = [phase if isinstance(phase, str) else f"phase {phase}" for phase in phases]
    return [
        (float(epochs[i] + epochs[i - 1]) / 2, named[i])
        for i in range(1, len(named))
        if named[i] != named[i - 1]
    ]


def _reference(drawn: go.Figure, value: float, col: int) -> None:
    """A dotted line with its name on it. A trace and not a shape, so that the axis makes room for it."""
    axis = "" if col == 1 else str(col)
    drawn.add_hline(value, line={"color": NEUTRAL, "width": 1.5, "dash": "dot"}, row=1, col=col)
    drawn.add_annotation(
        text=f"linear baseline {value:.1%}", xref=f"x{axis} domain", x=0.01, xanchor="left",
        yref=f"y{axis}", y=value, yanchor="bottom", showarrow=False, font={"size": 12},
    )  # fmt: skip
    drawn.add_trace(
        go.Scatter(x=[None], y=[value], mode="markers", showlegend=False, hoverinfo="skip"), row=1, col=col
    )


def _epoch_range(epochs: np.ndarray) -> list[float]:
    """A little air on both sides, and never an empty axis for a single epoch."""
    air = max(0.25, 0.02 * (epochs[-1] - epochs[0]))
    return [float(epochs[0] - air), float(epochs[-1] + air)]


def _smoothed(values: pd.Series) -> pd.Series:
    """Exponential mean over about a twentieth of the curve, without a bias at its start."""
    return values.ewm(span=max(5, len(values) // 20), ignore_na=True).mean()
