"""What all figures share: one colour a class, one template, one way to be empty.

The template sets no font colour and paints no background, so that a page's light or dark theme shows
through; every colour here is chosen to read on both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import plotly.graph_objects as go
import plotly.io as pio

CLASS_COLOURS = {
    "basophil": "#a782f9",
    "eosinophil": "#b53a00",
    "erythroblast": "#eb7e97",
    "ig": "#8f4e83",
    "lymphocyte": "#0c66c1",
    "monocyte": "#19bdd2",
    "neutrophil": "#3c9d54",
    "platelet": "#cbad0d",
}
"""The eight classes of the PBC set. Chosen by search: contrast of at least 2.2 to white and 3 to a
dark page, and as far apart as that allows in OKLab, for normal and for red-, green- and blue-blind
sight."""

_ALSO_CALLED = {"immature granulocyte": "ig"}
_OTHER_COLOURS = (
    "#0c66c1", "#b53a00", "#3c9d54", "#a782f9", "#cbad0d", "#8f4e83", "#19bdd2", "#eb7e97",
    "#7d8597", "#d1743f", "#6b8e23", "#5f6fd9", "#b08968", "#c2559d", "#2f8f83", "#9aa23a",
)  # fmt: skip

ACCENT = "#3f77d0"
"""The one colour of figures that are not about classes."""
NEUTRAL = "#8b93a1"
"""What stands behind: raw curves, the training side, reference lines."""
FAINT = "rgba(128, 136, 150, 0.22)"
"""Grid lines and outlines."""

TEMPLATE = "bcc"
"""Name of the template in `plotly.io.templates`."""

_AXIS = {
    "gridcolor": FAINT,
    "zeroline": False,
    "linecolor": FAINT,
    "showline": False,
    "ticks": "",
    "ticklabelstandoff": 6,
    "automargin": True,
    "title": {"standoff": 10, "font": {"size": 13}},
}
pio.templates[TEMPLATE] = go.layout.Template(
    layout={
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "Source Sans, Source Sans Pro, Helvetica, Arial, sans-serif", "size": 13},
        "colorway": list(_OTHER_COLOURS),
        "xaxis": _AXIS,
        "yaxis": _AXIS,
        "hoverlabel": {"align": "left", "font": {"size": 13}},
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": NEUTRAL, "activecolor": ACCENT},
        "bargap": 0.3,
    }
)


def class_colours(class_names: Iterable[str]) -> dict[str, str]:
    """One fixed colour for each class name.

    The eight classes of the PBC set keep theirs in any order, company and spelling ("Immature
    granulocytes", "ig"); other names take the free colours by position, and beyond sixteen classes
    colours repeat.

    Returns:
        Name -> "#rrggbb", in the order given.
    """
    names = list(class_names)
    colours = {name: CLASS_COLOURS[key] for name in names if (key := _canonical(name)) in CLASS_COLOURS}
    free = [colour for colour in _OTHER_COLOURS if colour not in colours.values()]
    others = [name for name in names if name not in colours]
    colours |= {name: free[position % len(free)] for position, name in enumerate(others)}
    return {name: colours[name] for name in names}


def _canonical(name: str) -> str:
    """Turn "Immature_Granulocytes (IG)" into "ig": case, plural, brackets and joiners do not matter."""
    plain = re.sub(r"\(.*?\)", "", name).replace("_", " ").replace("-", " ")
    plain = " ".join(plain.casefold().split()).removesuffix("s")
    return _ALSO_CALLED.get(plain, plain)


def with_alpha(colour: str, alpha: float) -> str:
    """Turn "#0c66c1" and 0.5 into "rgba(12, 102, 193, 0.5)"; alpha from 0 (not there) to 1."""
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {alpha:g})"


def figure(traces: Sequence[go.BaseTraceType] = (), *, height: int, **layout: object) -> go.Figure:
    """A figure in the shared template, `height` px high, with further plotly layout if given."""
    return styled(go.Figure(data=list(traces)), height=height, **layout)


def styled(drawn: go.Figure, *, height: int, **layout: object) -> go.Figure:
    """Put a figure into the shared template, in place.

    The margins and the legend are written into the figure itself, because Streamlit's theme
    overrides what a template says about them.

    Args:
        drawn: the figure, which is also returned.
        height: px.
        **layout: further plotly layout.
    """
    drawn.update_layout(
        template=TEMPLATE,
        height=height,
        margin={"l": 8, "r": 16, "t": 28, "b": 8},
        legend={"orientation": "h", "x": 0, "xanchor": "left", "y": 1.0, "yanchor": "bottom", "title": ""},
    )
    drawn.update_layout(**layout)
    return drawn


def empty(sentence: str, height: int = 200) -> go.Figure:
    """A figure without data that says why in one sentence."""
    drawn = figure(height=height)
    drawn.update_xaxes(visible=False).update_yaxes(visible=False)
    drawn.add_annotation(
        text=sentence, xref="paper", yref="paper", x=0.5, y=0.5, showarrow=False, font={"size": 14}
    )
    return drawn
