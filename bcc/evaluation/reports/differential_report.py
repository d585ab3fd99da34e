"""A differential on one page: counts, shares and what to know about them, ready to print."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd

from bcc.evaluation.differential import Differential, ruemke_table
from bcc.evaluation.reports.html_report import escape
from bcc.figures.offline import STYLE

NOT_MEDICAL = "For learning and research. This is not a medical device: decide nothing about a patient by it."

_STYLE = (
    STYLE
    + """
h1 { margin-bottom: 0; } h2 { margin-top: 1.6rem; font-size: 1.1rem; }
table { border-collapse: collapse; margin: 0.5rem 0; font-size: 0.92rem; }
th, td { text-align: left; padding: 0.22rem 0.9rem 0.22rem 0; }
th, td { border-bottom: 1px solid rgba(128, 136, 150, 0.3); }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
.warning { border-left: 4px solid #cbad0d; padding: 0.1rem 1rem; } .faint { opacity: 0.7; }
"""
)


def differential_report(
    differential: Differential, *, run: str, images: str, reviewer: str = "", notes: str = "", when: str = ""
) -> str:
    """Write the page.

    Args:
        differential: the counts.
        run: name of the run that answered.
        images: what was counted, in words.
        reviewer: who looked at the cells; may be empty.
        notes: of the reviewer; may be empty.
        when: date, today's (UTC) when empty.
    """
    when = when or datetime.now(UTC).strftime("%Y-%m-%d")
    others = [f"{name}: {count:,}" for name, count in differential.others.items()]
    per_100 = differential.erythroblasts_per_100
    facts = [
        ("Images", images),
        ("Model", run),
        ("Date", when),
        ("Reviewer", reviewer or "none: as the model answered"),
        ("Counted", f"{differential.counted:,} of {differential.total:,} images"),
        ("Not counted", ", ".join(others)),
        ("Corrected by the reviewer", f"{differential.corrected:,}"),
    ]
    if per_100 is not None:
        facts.append(("Erythroblasts per 100 leukocytes", f"{per_100:.1f}"))
    body = [
        "<h1>Differential count</h1>",
        f'<div class="warning"><p>{escape(NOT_MEDICAL)}</p></div>',
        _rows([f"<th>{escape(name)}</th><td>{escape(text)}</td>" for name, text in facts]),
        "<h2>Cells</h2>",
        cells_table(differential.table),
        *(f'<p class="faint">{escape(note)}</p>' for note in differential.notes),
        f"<h2>Notes</h2><p>{escape(notes)}</p>" if notes else "",
        "<h2>How sure a share is (95 %)</h2>",
        _frame(ruemke_table()),
        '<p class="faint">After Rümke; by the number of cells counted, with Wilson\'s interval.</p>',
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f"<title>Differential count</title><style>{_STYLE}</style></head>"
        f"<body>{''.join(body)}</body></html>\n"
    )


def cells_table(table: pd.DataFrame) -> str:
    """The counts as an HTML table."""
    adjusted, white = "adjusted" in table, "share_of_leukocytes" in table
    heads = ["Class", "Cells", "Share", "95 % interval"]
    heads += ["Of leukocytes"] if white else []
    heads += ["Adjusted", "Adjusted share", "95 % interval"] if adjusted else []
    lines = [_cells(heads, "th")]
    for one in table.to_dict("records"):
        texts = [
            str(one["class"]), f"{one['count']:,}", _share(one["share"]), _interval(one["low"], one["high"]),
        ]  # fmt: skip
        texts += [_share(one["share_of_leukocytes"])] if white else []
        if adjusted:
            texts += [
                f"{one['adjusted']:.1f}",
                _share(one["adjusted_share"]),
                _interval(one["adjusted_low"], one["adjusted_high"]),
            ]
        lines.append(_cells(texts, "td"))
    return _rows(lines)


def _share(value: float) -> str:
    return "" if value != value else f"{value:.1%}"


def _interval(low: float, high: float) -> str:
    return "" if low != low else f"{100 * low:.1f} to {100 * high:.1f} %"


def _cells(texts: list[str], tag: str) -> str:
    first, *rest = texts
    numbers = "".join(f'<{tag} class="number">{escape(text)}</{tag}>' for text in rest)
    return f"<{tag}>{escape(first)}</{tag}>{numbers}"


def _frame(table: pd.DataFrame) -> str:
    lines = [_cells([str(name) for name in table], "th")]
    for line in table.itertuples(index=False):
        lines.append(
            _cells([f"{value:.0%}" if isinstance(value, float) else str(value) for value in line], "td")
        )
    return _rows(lines)


def _rows(lines: list[str]) -> str:
    return "<table>" + "".join(f"<tr>{line}</tr>" for line in lines) + "</table>"
