"""The results of the suites that distort an image in several ways at once."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from bcc.evaluation.robustness.chained import Chained
from bcc.evaluation.robustness.laboratories import InLaboratories
from bcc.figures import score_intervals
from pages.parts.widgets import columns, downloads


def chained_summary(result: Chained) -> None:
    """Draw the numbers at the top."""
    st.metric("Distorted", f"{result.accuracy:.1%}", border=True, help="One to four operations per image.")
    st.metric("Undistorted", f"{result.clean:.1%}", border=True, help="Accuracy on the same images.")
    st.metric(
        "Cell still visible",
        f"{result.still_seen:.1%}",
        border=True,
        help="Share of the distorted images that show at least half of their cell, apart from its "
        "surroundings: an estimate of how far people could go.",
    )
    st.metric("Images", f"{result.n:,}", border=True, help="Each distorted once.")


def chained_details(result: Chained) -> None:
    """Draw accuracy by the number of operations, and by each operation."""
    table = result.frame()
    for kind, title in (
        ("operations", "By number of operations"),
        ("operation", "Images that have this operation"),
    ):
        part = table[table["kind"] == kind]
        st.subheader(title, anchor=False)
        _scores(part, "which", f"chained_{kind}")


def laboratories_summary(result: InLaboratories) -> None:
    """Draw the numbers at the top."""
    st.metric("Mean", f"{result.mean:.1%}", border=True, help="Of the ten laboratories.")
    st.metric("Worst", f"{result.worst:.1%}", border=True, help="The lowest of the ten.")
    st.metric("At home", f"{result.clean:.1%}", border=True, help="Accuracy on the same images, unchanged.")
    st.metric("Images", f"{result.n:,}", border=True, help="Each in every laboratory.")


def laboratories_details(result: InLaboratories) -> None:
    """Draw the accuracy in each laboratory."""
    _scores(result.frame(), "laboratory", "laboratories")


def _scores(table: pd.DataFrame, name: str, key: str) -> None:
    drawn = score_intervals(
        table.rename(columns={name: "class", "accuracy": "value", "n": "support"}), "Accuracy"
    )
    st.plotly_chart(drawn, key=key, alt="Accuracy with its interval, a line each")
    share = columns.share(90)
    shown = table[[name, "accuracy", "low", "high", "n"]]
    st.dataframe(
        shown,
        hide_index=True,
        key=f"{key}_table",
        height="content",
        alt="The same numbers as a table",
        column_config={
            name: st.column_config.TextColumn("Distortion" if name == "which" else "Laboratory", width=190),
            "accuracy": st.column_config.NumberColumn("Accuracy", **share),
            "low": st.column_config.NumberColumn("from", **share, help="Lower end of the 95 % interval."),
            "high": st.column_config.NumberColumn("to", **share, help="Upper end of the 95 % interval."),
            "n": st.column_config.NumberColumn("Images", format="localized", width=80),
        },
    )
    downloads.both(drawn, shown, key)
