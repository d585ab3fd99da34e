"""Class balance of each split, before and after the selection, and how to compensate for imbalance."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
import streamlit as st

from bcc.datasets import Dataset, Selection
from bcc.datasets.balance import balance_by_side, balance_summary, class_weight_table, oversampling
from bcc.errors import UserError
from bcc.figures import before_and_after, oversampled
from pages.parts.state import loaders
from pages.parts.text import errors, formatting
from pages.parts.widgets import beside, columns

LARGEST, NUMBER = "the largest class", "a number"


def show(dataset: Dataset, selection: Selection) -> None:
    """Draw the tab of class balance."""
    keep = selection.apply(dataset)
    sides = loaders.sides(dataset.fingerprint, dataset)
    names = tuple(selection.labels.all_names(dataset))
    changed = selection.labels.merged_positions(dataset)
    summary = balance_summary(dataset.labels, names, sides, keep, changed)
    side = st.segmented_control(
        "Side of the split",
        summary["side"].tolist(),
        default="train",
        required=True,
        key="side",
        bind="query-params",
        help="The file's own split, or the one that a run draws with the usual shares (80, 10 and 10 %, "
        "seed 0). Left out are exact copies.",
    )
    table = balance_by_side(dataset.labels, names, sides, keep, changed)
    table = table[table["side"] == side]
    left, right = beside.two(475)
    with left:
        st.plotly_chart(
            before_and_after(table),
            key="clean_before_after",
            alt=f"Images per class of {side}, before and after the selection",
        )
    with right:
        _summary(summary)
        one = summary[summary["side"] == side].iloc[0]
        if one["kept_pictures"]:
            st.caption(
                f"Of {side}, {formatting.plain(one['largest_class'])} has most images and "
                f"{formatting.plain(one['smallest_class'])} fewest. Ratio: largest over smallest; 1 is "
                "perfectly even."
            )
    counts = table["kept_count"].to_numpy()
    st.subheader("How to compensate for it", anchor=False)
    weights, repeats = beside.two(475)
    with weights:
        _weights(counts, names)
    with repeats:
        _repeats(counts, names)


def _summary(summary: pd.DataFrame) -> None:
    column = st.column_config
    never = [] if summary.loc[summary["side"] != "left out", "empty_classes"].any() else ["empty_classes"]
    st.dataframe(
        summary.drop(columns=["smallest_class", "largest_class", *never]),
        hide_index=True,
        height="content",
        key="clean_sides",
        alt="Images and imbalance ratio of each side, before and after the selection",
        column_config={
            "side": column.TextColumn("Side", pinned=True),
            "pictures": column.NumberColumn("Before", **columns.count(), help="Images."),
            "imbalance_ratio": column.NumberColumn(
                "Ratio", **columns.number("%.2f"), help="Largest over smallest class."
            ),
            "kept_pictures": column.NumberColumn("After", **columns.count(), help="Images that remain."),
            "kept_imbalance_ratio": column.NumberColumn(
                "Then",
                **columns.number("%.2f"),
                help="Largest over smallest class among the images that are kept.",
            ),
            "empty_classes": column.NumberColumn("Empty", help="Classes without a kept image."),
        },
    )


def _weights(counts: np.ndarray, names: tuple[str, ...]) -> None:
    beta = st.number_input(
        "Beta of the effective number",
        0.0,
        0.9999,
        0.999,
        0.001,
        format="%g",
        key="clean_beta",
        width=240,
        help="How quickly further images of a class stop adding information (Cui et al. 2019): 0.999 means "
        "that about a thousand images count in full.",
    )
    column = st.column_config
    st.dataframe(
        class_weight_table(counts, names, beta).drop(columns="share"),
        hide_index=True,
        height="content",
        key="clean_weights",
        alt="Effective number and class weights",
        column_config={
            "class": column.TextColumn("Class", pinned=True),
            "count": column.NumberColumn("Images", **columns.count()),
            "effective_number": column.NumberColumn(
                "Effective", **columns.number("%.0f"), help="Effective number of images."
            ),
            "inverse_weight": column.NumberColumn(
                "Weight",
                **columns.number("%.2f"),
                help="Inverse class weight: every class contributes equally to the loss.",
            ),
            "effective_number_weight": column.NumberColumn(
                "Milder",
                **columns.number("%.2f"),
                help="Class weight by effective numbers: milder than the inverse one.",
            ),
        },
    )


def _repeats(counts: np.ndarray, names: tuple[str, ...]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        target = st.segmented_control(
            "Fill up to",
            [LARGEST, NUMBER],
            default=LARGEST,
            required=True,
            key="clean_fill",
            help="The effect of oversampling: images of smaller classes are shown repeatedly.",
        )
        wanted: int | Literal["largest"] = (
            st.number_input(
                "Images per class",
                1,
                1_000_000,
                max(int(counts.max(initial=1)), 1),
                key="clean_fill_to",
                width=180,
                help="Larger classes keep all their images.",
            )
            if target == NUMBER
            else "largest"
        )
    try:
        filled = oversampling(counts, names, wanted)
    except UserError as error:
        with errors.shown(stop=False):
            raise error
        return
    st.plotly_chart(oversampled(filled), key="clean_oversampled", alt="Effect of oversampling")
    added, total = int(filled["added"].sum()), int(filled["total"].sum())
    st.caption(
        f"An epoch would have {total:,} images, {added:,} of them repeated. The number beside a bar is "
        f"how often each image of the class is shown, on average."
    )
