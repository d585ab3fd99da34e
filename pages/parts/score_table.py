"""Precision, recall, F1 and support of each class as a table."""

from __future__ import annotations

import pandas as pd
import streamlit as st


def show(table: pd.DataFrame) -> None:
    """One line a class, as `bcc.evaluation.per_class` makes it."""
    column = st.column_config
    st.dataframe(
        table,
        hide_index=True,
        key="score_table",
        height="content",
        alt="Precision, recall, F1 and support of each class",
        column_config={
            "class": column.TextColumn("Class", pinned=True),
            "precision": column.NumberColumn(
                "Precision", width=70, format="percent", help="Of what was called so, this much is."
            ),
            "recall": column.NumberColumn(
                "Recall",
                width=65,
                format="percent",
                help="Of the pictures of the class, this much was found.",
            ),
            "f1": column.NumberColumn("F1", width=65, format="percent", help="Harmonic mean of the two."),
            "support": column.NumberColumn(
                "Support", width=60, format="localized", help="Pictures of the class."
            ),
            "predicted": column.NumberColumn(
                "Called so", width=65, format="localized", help="Pictures called that."
            ),
        },
    )
