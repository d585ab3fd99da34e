"""Figures that open without a network: plotly's own code goes into the page with them."""

from __future__ import annotations

from html import escape

import plotly.graph_objects as go

STYLE = """
:root { color-scheme: light dark; }
body { margin: 0 auto; padding: 1.5rem; max-width: 1100px; line-height: 1.5; color: #232a35; background: #fff;
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", sans-serif; }
/* Plotly writes its own dark grey into every label that has no colour of its own. */
.plotly-graph-div text[style*="rgb(42, 63, 95)"], .plotly-graph-div text[style*="rgb(68, 68, 68)"] {
  fill: currentColor !important; }
@media (prefers-color-scheme: dark) { body { color: #dfe4ec; background: #14171c; } }
"""


def as_part(drawn: go.Figure, with_code: bool = False) -> str:
    """A figure as a piece of a page.

    Args:
        drawn: the figure.
        with_code: bring plotly's code along, once a page: some four megabytes.
    """
    return str(
        drawn.to_html(
            full_html=False,
            include_plotlyjs=bool(with_code),
            config={"displaylogo": False, "responsive": True},
        )
    )


def as_page(drawn: go.Figure, title: str) -> str:
    """A figure as a whole page, light or dark as the reader's system is."""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style></head><body>{as_part(drawn, with_code=True)}</body></html>"
    )
