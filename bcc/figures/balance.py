"""How many images each class has, and on which side of the split they are."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from bcc.figures.colours import class_colours
from bcc.figures.safe_names import labelled
from bcc.figures.theme import NEUTRAL, empty, figure, with_alpha

# One colour a class leaves strength and pattern to tell the sides apart.
_SIDES: dict[str, tuple[float, str]] = {
    "train": (1.0, ""),
    "validation": (0.62, ""),
    "test": (0.34, ""),
    "left out": (0.6, "/"),
}
_OTHER_SIDE = (0.5, ".")


def class_counts(frame: pd.DataFrame | None) -> go.Figure:
    """Horizontal bars: images per class, stacked by split where the frame has one.

    Args:
        frame: columns class and count, and optionally split ("train", "validation", "test",
            "left out"); classes appear in the order of their first line.
    """
    if frame is None or frame.empty or not frame["count"].sum():
        return empty("There are no images to count.")
    frame = labelled(frame, "class")
    classes = list(dict.fromkeys(frame["class"].astype(str)))
    colours = class_colours(classes)
    totals = frame.groupby(frame["class"].astype(str))["count"].sum().reindex(classes)
    sides = list(dict.fromkeys(frame["split"].astype(str))) if "split" in frame else [""]
    sides.sort(key=lambda side: list(_SIDES).index(side) if side in _SIDES else len(_SIDES))
    traces: list[go.BaseTraceType] = []
    for side in sides:
        rows = frame[frame["split"].astype(str) == side] if side else frame
        counts = rows.groupby(rows["class"].astype(str))["count"].sum().reindex(classes, fill_value=0)
        traces += _bars(side, counts, totals, colours)
    drawn = figure(traces, height=90 + 34 * len(classes), barmode="stack", showlegend=len(sides) > 1)
    for name, total in totals.items():
        drawn.add_annotation(x=total, y=name, text=f"{total:,}", showarrow=False, xanchor="left", xshift=6)
    drawn.update_layout(legend={"traceorder": "normal"})
    drawn.update_xaxes(title="images", range=[0, totals.max() * 1.1], tickformat=",d")
    drawn.update_yaxes(autorange="reversed", showgrid=False, type="category", title="")
    return drawn


def _bars(side: str, counts: pd.Series, totals: pd.Series, colours: dict[str, str]) -> list[go.BaseTraceType]:
    """The bars of one side, and a grey twin without data for the legend."""
    opacity, pattern = _SIDES.get(side, _OTHER_SIDE) if side else (1.0, "")
    shares = counts / totals.where(totals > 0, 1)
    where = f", {side}" if side else ""
    tail = " (%{customdata:.0%} of the class)" if side else ""
    pattern_of = {"shape": pattern, "solidity": 0.35}
    bars = go.Bar(
        y=counts.index,
        x=counts,
        orientation="h",
        marker={
            "color": [with_alpha(colours[name], opacity) for name in counts.index],
            "pattern": pattern_of,
            "line": {"width": 0},
        },
        customdata=shares,
        hovertemplate="%{y}: %{x:,} images" + where + tail + "<extra></extra>",
        legendgroup=side,
        showlegend=False,
    )
    key = go.Bar(
        y=[counts.index[0]],
        x=[None],
        orientation="h",
        marker={"color": with_alpha(NEUTRAL, opacity), "pattern": pattern_of, "line": {"width": 0}},
        name=side,
        legendgroup=side,
        hoverinfo="skip",
    )
    return [bars, key]


def before_and_after(frame: pd.DataFrame | None) -> go.Figure:
    """Horizontal bars: images per class before (outlined) and after a selection (filled).

    Args:
        frame: columns class, count and kept_count.
    """
    if frame is None or frame.empty or not frame["count"].sum():
        return empty("There are no images to count.")
    frame = labelled(frame, "class")
    names = list(frame["class"].astype(str))
    colours = list(class_colours(names).values())
    before = go.Bar(
        y=names,
        x=frame["count"],
        orientation="h",
        name="before",
        width=0.72,
        marker={"color": [with_alpha(one, 0.22) for one in colours], "line": {"width": 0}},
        hovertemplate="%{y}: %{x:,} images before<extra></extra>",
        showlegend=False,
    )
    after = go.Bar(
        y=names,
        x=frame["kept_count"],
        orientation="h",
        name="after",
        width=0.44,
        marker={"color": colours, "line": {"width": 0}},
        hovertemplate="%{y}: %{x:,} images after<extra></extra>",
        showlegend=False,
    )
    texts = [
        f"{kept:,}" if kept == count else f"{kept:,} <span style='opacity:.6'>of {count:,}</span>"
        for count, kept in zip(frame["count"], frame["kept_count"], strict=True)
    ]
    widest = max(len(text) - len("<span style='opacity:.6'></span>") * ("<" in text) for text in texts)
    drawn = figure([before, after], height=60 + 34 * len(names), barmode="overlay", margin=_beside(widest))
    for name, count, text in zip(names, frame["count"], texts, strict=True):
        drawn.add_annotation(x=count, y=name, text=text, showarrow=False, xanchor="left", xshift=6)
    drawn.update_xaxes(
        title="images", range=[0, frame["count"].max()], tickformat=",d", nticks=4, tickangle=0
    )
    drawn.update_yaxes(autorange="reversed", showgrid=False, type="category", title="")
    return drawn


def oversampled(frame: pd.DataFrame | None) -> go.Figure:
    """Horizontal bars: images of each class, and those that would be shown again.

    Args:
        frame: columns class, count, added and repeats.
    """
    if frame is None or frame.empty or not frame["count"].sum():
        return empty("There are no images to count.")
    frame = labelled(frame, "class")
    names = list(frame["class"].astype(str))
    colours = list(class_colours(names).values())
    bars = [
        go.Bar(
            y=names,
            x=frame[column],
            orientation="h",
            marker={"color": [with_alpha(one, alpha) for one in colours], "line": {"width": 0}},
            hovertemplate=f"%{{y}}: %{{x:,}} {what}<extra></extra>",
            showlegend=False,
        )
        for column, alpha, what in (("count", 1.0, "images"), ("added", 0.35, "shown again"))
    ]
    drawn = figure(bars, height=60 + 34 * len(names), barmode="stack", margin=_beside(len("× 10.00")))
    total = frame["count"] + frame["added"]
    for name, most, repeats in zip(names, total, frame["repeats"], strict=True):
        drawn.add_annotation(
            x=most, y=name, text=f"× {repeats:.2f}", showarrow=False, xanchor="left", xshift=6
        )
    drawn.update_xaxes(
        title="images an epoch", range=[0, total.max()], tickformat=",d", nticks=4, tickangle=0
    )
    drawn.update_yaxes(autorange="reversed", showgrid=False, type="category", title="")
    return drawn


def _beside(letters: int) -> dict[str, int]:
    """Margins of a figure that says something beside its longest bar, however narrow it is."""
    return {"l": 8, "r": 14 + 7 * letters, "t": 8, "b": 8}
