"""A run in one HTML file that opens without a network: figures, tables, config, data and caveats.

Plotly's code stands in the page once. Everything that comes from files is escaped.
"""

from __future__ import annotations

import json
from html import escape as escaped

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from bcc.datasets import with_files
from bcc.evaluation.calibration.reliability import risk_coverage
from bcc.evaluation.intervals.metric_tables import OVERALL, PER_CLASS
from bcc.evaluation.metrics.curves import precision_recall_curve, roc_curve
from bcc.evaluation.reports.run_facts import Facts, facts_of, title_of
from bcc.figures import (
    confusion,
    precision_recall_curves,
    reliability_diagram,
    risk_coverage_curves,
    roc_curves,
    score_intervals,
    training_curves,
)
from bcc.figures.offline import STYLE, as_part
from bcc.models.architectures import SIZES
from bcc.runs import Run
from bcc.safe_text import shown

_STYLE = (
    STYLE
    + """
h1 { margin-bottom: 0; } h2 { margin-top: 2.5rem; }
table { border-collapse: collapse; margin: 0.75rem 0; font-size: 0.92rem; }
th, td { text-align: left; padding: 0.3rem 0.9rem 0.3rem 0; }
th, td { border-bottom: 1px solid rgba(128, 136, 150, 0.3); }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
.caveats { border-left: 4px solid #cbad0d; padding: 0.1rem 1rem; }
pre { overflow-x: auto; font-size: 0.85rem; } .faint { opacity: 0.7; }
.scroll { overflow-x: auto; }
"""
)


MISTAKES = 25
"""Wrong answers that are listed, the surest first."""


def report(run: Run) -> str:
    """Write the page.

    Raises:
        UserError: the run has not been scored, or its files are damaged.
    """
    facts = facts_of(run)
    figures = _Figures()
    body = [
        f"<h1>{escape(title_of(run))}</h1>",
        f'<p class="faint">{escape(_line(facts))}</p>',
        '<div class="caveats"><h2>Before you believe it</h2><ul>'
        + "".join(f"<li>{escape(one)}</li>" for one in facts.caveats)
        + "</ul></div>",
        f"<h2>Scores, {escape(facts.predictions.split)} images</h2>",
        f"<p>{escape(facts.verdict)}</p>" if facts.verdict else "",
        _frame(_overall(facts)),
        f'<p class="faint">{escape(facts.predictions.measured.about_intervals)}</p>',
        figures.add(_f1(facts)),
        _frame(_classes(facts)),
        "<h2>What is confused with what</h2>",
        figures.add(confusion(facts.predictions.matrix)),
        _frame(_pairs(facts)),
        *_mistakes(facts),
        "<h2>Curves</h2>",
        *_curves(facts, figures),
        "<h2>Confidence</h2>",
        f"<p>{escape(facts.calibration.sentence)}</p>",
        figures.add(
            reliability_diagram(facts.calibration_tables.reliability, facts.calibration_tables.calibrated)
        ),
        _frame(facts.calibration_tables.errors.rename(columns={"low": "from", "high": "to"}).round(4)),
        figures.add(_coverage(facts)),
        "<h2>Training</h2>",
        f"<p>{escape(facts.first_weights)}</p>",
        figures.add(training_curves(run.read_history())),
        "<h2>Data</h2>",
        _frame(_dataset(facts)),
        "<h2>Config</h2>",
        f"<pre>{escaped(shown(json.dumps(facts.config, indent=2, ensure_ascii=False), lines=True))}</pre>",
    ]
    head = f'<meta charset="utf-8"><title>{escape(title_of(run))}</title><style>{_STYLE}</style>'
    return f'<!doctype html><html lang="en"><head>{head}</head><body>' + "\n".join(body) + "</body></html>\n"


class _Figures:
    """Figures one after the other; the first brings plotly's code."""

    def __init__(self) -> None:
        self._any = False

    def add(self, drawn: go.Figure) -> str:
        part = as_part(drawn, with_code=not self._any)
        self._any = True
        return part


def _line(facts: Facts) -> str:
    config = facts.config
    when = f", trained on {facts.trained}" if facts.trained else ""
    return (
        f"{_model(facts)} at {config.get('image_size', '?')} px{when}; data "
        f"{facts.dataset['source']}, fingerprint {facts.dataset['fingerprint']}; "
        f"{len(facts.predictions.rows):,} {facts.predictions.split} images."
    )


def _model(facts: Facts) -> str:
    """The network, by a name that it has: only some are of the ConvNeXt family."""
    name = str(facts.config.get("model", ""))
    return f"ConvNeXt {name}" if name in SIZES else name or "A network"


def _overall(facts: Facts) -> pd.DataFrame:
    table = facts.predictions.measured.overall
    return pd.DataFrame(
        {
            "score": [OVERALL[name][0] for name in table["measure"]],
            "value": table["value"].round(4),
            "from": table["low"].round(4),
            "to": table["high"].round(4),
        }
    )


def _classes(facts: Facts) -> pd.DataFrame:
    wide = facts.predictions.measured.wide()
    return wide.round(4).rename(columns={name: title for name, (title, _) in PER_CLASS.items()})


def _pairs(facts: Facts) -> pd.DataFrame:
    pairs = facts.predictions.confused_pairs.head(12)
    return pairs.assign(share=pairs["share"].round(4)).rename(
        columns={"true": "it is", "predicted": "it was called", "n": "images", "share": "of the class"}
    )


def _mistakes(facts: Facts) -> list[str]:
    """The surest mistakes, with the files that they are about."""
    mistakes = facts.predictions.mistakes
    if mistakes.empty:
        return []
    first = with_files(mistakes.head(MISTAKES), facts.files)
    # A row is a name, not a quantity.
    first = first.assign(row=first["row"].astype(str))
    shares = ["probability", "probability_of_true"]
    table = first.assign(**{name: first[name].astype(float).round(4) for name in shares}).rename(
        columns={
            "true": "it is",
            "predicted": "it was called",
            "probability_of_true": "probability of that",
        }
    )
    more = f", of {len(mistakes):,}" if len(mistakes) > MISTAKES else ""
    return [f"<h3>The surest mistakes{more}</h3>", _frame(table)]


def escape(text: str) -> str:
    """A text from a file or a person, safe inside HTML, with every letter visible."""
    return escaped(shown(text))


def _f1(facts: Facts) -> go.Figure:
    table = facts.predictions.measured.per_class
    return score_intervals(table[table["measure"] == "f1"], "F1")


def _curves(facts: Facts, figures: _Figures) -> list[str]:
    predictions, table = facts.predictions, facts.predictions.measured.per_class
    parts = []
    for measure, curve, draw in (
        ("roc_area", roc_curve, roc_curves),
        ("average_precision", precision_recall_curve, precision_recall_curves),
    ):
        lines = table[(table["measure"] == measure) & np.isfinite(table["value"])]
        areas = dict(zip(lines["class"], lines["value"], strict=True))
        curves = {
            name: curve(predictions.labels, predictions.probabilities, predictions.class_names.index(name))
            for name in areas
        }
        parts.append(figures.add(draw(curves, areas)))
    return parts


def _coverage(facts: Facts) -> go.Figure:
    told = facts.calibration(facts.predictions.probabilities)
    name = "calibrated" if facts.calibration.fitted else "uncalibrated"
    return risk_coverage_curves({name: risk_coverage(facts.predictions.labels, told)})


def _dataset(facts: Facts) -> pd.DataFrame:
    """What is known about the data; where it lay on somebody's disk is nobody else's business."""
    known = {name: value for name, value in facts.dataset.items() if name != "location"}
    return pd.DataFrame(
        {"": [name.replace("_", " ") for name in known], " ": [_said(value) for value in known.values()]}
    )


def _said(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _frame(table: pd.DataFrame) -> str:
    """A table; numbers to the right."""
    head = "".join(f"<th>{escape(str(name))}</th>" for name in table)
    lines = []
    for line in table.itertuples(index=False):
        cells = [
            f'<td class="number">{"–" if value != value else format(value, ",")}</td>'
            if isinstance(value, int | float | np.number) and not isinstance(value, bool)
            else f"<td>{escape(str(value))}</td>"
            for value in line
        ]
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return f'<div class="scroll"><table><tr>{head}</tr>{"".join(lines)}</table></div>'
