"""The result of the suite of single distortions: a heat map, and other runs on the same images."""

from __future__ import annotations

from typing import Literal

import pandas as pd
import streamlit as st

from bcc.datasets import Dataset
from bcc.evaluation.robustness.single_distortions import SINGLE, Robustness
from bcc.figures import robustness_map
from pages.parts.context import chosen
from pages.parts.text import errors
from pages.parts.widgets import columns, downloads, ink


def summary(result: Robustness) -> None:
    """Draw the numbers at the top."""
    st.metric(
        "Distorted, mean", f"{result.mean:.1%}", border=True, help="Over all distortions and strengths."
    )
    st.metric("Undistorted", f"{result.clean:.1%}", border=True, help="Accuracy on the same images.")
    st.metric(
        "Lost",
        f"{100 * result.drop:.1f} points",
        border=True,
        help="Undistorted accuracy minus the mean above.",
    )
    st.metric("Images", f"{result.n:,}", border=True, help="Each at every distortion and strength.")


def details(result: Robustness, data: Dataset, rows: int | Literal["all"]) -> None:
    """Draw the heat map and the table of runs."""
    drawn = robustness_map(result.frame(), result.clean)
    st.plotly_chart(ink.inked(drawn), key="robustness_map", alt="Accuracy of each distortion and strength")
    downloads.both(drawn, result.frame(), "robustness")
    st.subheader("Compared with other runs", anchor=False)
    with errors.shown(stop=False):
        _runs(data, rows)


def _runs(data: Dataset, rows: int | Literal["all"]) -> None:
    lines = []
    for one in chosen.to_ask().values():
        if one.has_model and (found := SINGLE.saved(one.run, data, rows)) is not None:
            by_name = found.frame().groupby("distortion", sort=False)["accuracy"].mean()
            lines.append(
                {"run": one.run.id, "clean": found.clean, "mean": found.mean, "drop": found.drop, **by_name}
            )
    table = pd.DataFrame(lines)
    share = columns.share(90)
    others = [name for name in table if name not in ("run", "clean", "mean", "drop")]
    st.dataframe(
        table,
        hide_index=True,
        key="robustness_runs",
        height="content",
        alt="Runs that were measured on the same images",
        column_config={
            "run": st.column_config.TextColumn("Run", pinned=True, width=215),
            "clean": st.column_config.NumberColumn("Undistorted", **share),
            "mean": st.column_config.NumberColumn("Mean", **share, help="Over all distortions."),
            "drop": st.column_config.NumberColumn("Lost", **share, help="Undistorted minus the mean."),
            **{name: st.column_config.NumberColumn(name, **share) for name in others},
        },
    )
    downloads.table(table, "robustness_of_runs")
    st.caption("Runs that were measured on the same sample of this dataset. Choose another run on the left.")
