"""The table of runs; a selected line becomes the chosen run."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.parts import links


def show(table: pd.DataFrame, chosen_id: str | None) -> None:
    """One line a run, as `bcc.runs.table.runs_table` makes it."""
    column = st.column_config
    ids = table["run"].tolist()
    rows = [ids.index(chosen_id)] if chosen_id in ids else []
    accuracy = {"format": "percent", "min_value": 0, "max_value": 1}
    picked = st.dataframe(
        table,
        # A new run or another choice makes another table, so that its selection is what the URL says.
        key=f"runs:{chosen_id}:{len(ids)}",
        on_select="rerun",
        selection_mode="single-row",
        selection_default={"selection": {"rows": rows, "columns": [], "cells": []}},
        hide_index=True,
        alt="All runs, newest first",
        column_order=[name for name in table if name != "problem" or table["problem"].any()],
        column_config={
            "run": column.TextColumn("Run", width=175, pinned=True, help="Name of its directory."),
            "status": column.TextColumn("Status", width=70),
            "data": column.TextColumn("Data", help="What it was trained on."),
            "model": column.TextColumn("Model", width=60),
            "epoch": column.TextColumn("Epoch", width=70),
            "best_validation_accuracy": column.NumberColumn(
                "Validation", **accuracy, help="Best accuracy on the validation pictures."
            ),
            "accuracy": column.NumberColumn(
                "Accuracy", **accuracy, help="Of the final model on the test pictures, or validation where "
                "there are none."
            ),
            "baseline": column.NumberColumn(
                "Linear", **accuracy, help="What a linear model on simple features gets on the same "
                "pictures."
            ),
            "started": column.DatetimeColumn(
                "Started", width=90, format="D MMM HH:mm", timezone=st.context.timezone
            ),
            "problem": column.TextColumn("Remark", width="large"),
        },
    )  # fmt: skip
    selected = [ids[row] for row in picked.selection.rows]
    if selected and selected[0] != chosen_id:
        links.choose(run=selected[0])
        st.rerun()
