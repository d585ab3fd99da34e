"""The table of runs. One selected line becomes the chosen run; several stand side by side below."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.parts.state import links
from pages.parts.text import formatting
from pages.parts.widgets import columns

SEVERAL = "runs"
"""The query parameter that names several runs, separated by commas."""


def selected() -> list[str]:
    """Ids that the URL names: several, or the one chosen run."""
    several = [one for one in st.query_params.get(SEVERAL, "").split(",") if one]
    chosen = st.query_params.get(links.RUN)
    return several or ([chosen] if chosen else [])


def show(table: pd.DataFrame) -> None:
    """One line a run, as `bcc.runs.table.runs_table` makes it."""
    column = st.column_config
    ids = table["run"].tolist()
    wanted = selected()
    rows = [ids.index(one) for one in wanted if one in ids]
    # Another list, or a choice made elsewhere, makes another table, so that its selection is the URL's.
    if st.session_state.get("runs_selected") != (ids, wanted):
        st.session_state["runs_table"] = st.session_state.get("runs_table", 0) + 1
        st.session_state["runs_selected"] = (ids, wanted)
    accuracy = columns.share(85, bounded=True)
    shown = formatting.table(table).assign(favourite=table["favourite"].map({True: "★", False: ""}))
    empty = {name for name in ("favourite", "name", "tags", "problem") if not table[name].map(bool).any()}
    picked = st.dataframe(
        shown,
        key=f"runs:{st.session_state['runs_table']}",
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={"selection": {"rows": rows, "columns": [], "cells": []}},
        hide_index=True,
        alt="All runs, newest first",
        placeholder="–",
        column_order=[name for name in table if name not in empty],
        column_config={
            "favourite": column.TextColumn("★", width=35, help="Favourites."),
            "run": column.TextColumn("Run", width=200, pinned=True, help="Name of its directory."),
            "name": column.TextColumn("Name", width=150),
            "tags": column.ListColumn("Tags", width=110),
            "status": column.TextColumn("Status", width=70),
            "data": column.TextColumn("Data", help="The dataset that it was trained on."),
            "model": column.TextColumn("Model", width=60),
            "epoch": column.TextColumn("Epoch", width=70),
            "best_validation_accuracy": column.NumberColumn(
                "Validation", **accuracy, help="Accuracy on the validation images after the best epoch."
            ),
            "accuracy": column.NumberColumn(
                "Accuracy", **accuracy, help="Of the final model on the test images, or validation where "
                "there are none."
            ),
            "baseline": column.NumberColumn(
                "Linear", **accuracy, help="Accuracy of a linear model on simple features, same images."
            ),
            "scored_on": column.TextColumn(
                "On",
                width=80,
                help="The images that both accuracies are about. Validation images, which are used if there "
                "are no test images, also chose the best epoch, so they are optimistic.",
            ),
            "started": column.DatetimeColumn(
                "Started", width=110, format="D MMM HH:mm", timezone=st.context.timezone
            ),
            "problem": column.TextColumn("Remark", width="large"),
        },
    )  # fmt: skip
    now = [ids[row] for row in picked.selection.rows]
    if set(now) != {one for one in wanted if one in ids}:
        one = now[0] if len(now) == 1 else st.query_params.get(links.RUN)
        links.choose(**{links.RUN: one if now else None, SEVERAL: ",".join(now) if len(now) > 1 else None})
        st.session_state["runs_selected"] = (ids, selected())
        st.rerun()
