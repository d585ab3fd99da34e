"""The table of classes on the Data page."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.parts.text import formatting
from pages.parts.widgets import columns


def show(table: pd.DataFrame) -> None:
    """Draw a row per class, from `bcc.datasets.overview.class_table`."""
    column = st.column_config
    st.dataframe(
        formatting.table(table),
        hide_index=True,
        key="class_table",
        height="content",
        alt="Images per class and split, effective number of samples and class weight",
        column_config={
            "class": column.TextColumn("Class", pinned=True),
            "count": column.NumberColumn("Images", **columns.count(), help="Rows of this class."),
            "share": column.NumberColumn("Share", **columns.share(), help="Of all images."),
            "train": column.NumberColumn("Train", **columns.count(), help="Used for training."),
            "validation": column.NumberColumn("Val.", **columns.count(), help="Chooses the best epoch."),
            "test": column.NumberColumn("Test", **columns.count(), help="Scores the final model."),
            "left out": column.NumberColumn(
                "Left out",
                **columns.count(),
                help="Exact copies of an earlier image, or rows outside the file's split.",
            ),
            "effective_number": column.NumberColumn(
                "Effective",
                **columns.number("%.0f"),
                help="Effective number of training images, when each further image adds less "
                "(Cui et al. 2019, beta 0.999).",
            ),
            "class_weight": column.NumberColumn(
                "Weight",
                **columns.number("%.2f"),
                help="Weight in the loss that makes every class contribute equally.",
            ),
        },
    )
