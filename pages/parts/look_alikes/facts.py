"""What tells two classes apart in words and numbers, and how reliable a run is on the pair."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from bcc.errors import UserError
from bcc.evaluation.rows import choose_rows
from bcc.practice import Pool, guide, tell_apart
from bcc.practice.look_alikes import class_places, pair_reliability, rows_of
from bcc.practice.traits import TRAITS, in_words, measure_traits, number, telling_apart
from bcc.runs import Run
from pages.parts.state import loaders
from pages.parts.text import errors, formatting
from pages.parts.widgets import columns, downloads

MOST_MEASURED = 400
"""Cells of each class that traits are measured on."""


def words(names: tuple[str, str]) -> None:
    """Draw what textbooks say."""
    apart = tell_apart(*names)
    if apart:
        st.markdown(f"**{formatting.plain(apart)}**")
    for column, name in zip(st.columns(2, gap="large"), names, strict=True):
        with column:
            st.subheader(formatting.plain(f"{name[:1].upper()}{name[1:]}"), anchor=False)
            one = guide(name)
            if one is None:
                st.caption("No words are written for this class yet.")
                continue
            st.markdown(formatting.plain(one.giveaway))
            st.caption(
                f"Nucleus: {formatting.plain(one.nucleus)}  \nCytoplasm: {formatting.plain(one.cytoplasm)}  "
                "\n"
                f"Size: {formatting.plain(one.size)}."
            )


def traits(pool: Pool, names: tuple[str, str]) -> pd.DataFrame:
    """How far each measured trait tells the two apart; measured once."""
    measured = [_measured_traits(pool, name) for name in names]
    return telling_apart(*measured)


def _measured_traits(pool: Pool, name: str) -> pd.DataFrame:
    rows = rows_of(pool, name)
    rows = np.sort(np.random.default_rng(0).permutation(rows)[:MOST_MEASURED])
    key = ("traits", pool.dataset.fingerprint, name, len(rows), int(rows.sum()))

    def measure() -> pd.DataFrame:
        with st.spinner(f"Measuring {len(rows):,} cells"):
            return measure_traits(pool.dataset.images, rows)

    return loaders.cached(key, measure)


def show_traits(table: pd.DataFrame, names: tuple[str, str]) -> None:
    """Draw the traits, the best first."""
    st.subheader("What tells them apart, measured", anchor=False)
    if table.empty:
        st.caption("Too few cells of one of the two were found to measure.")
        return
    best = table.iloc[0]
    st.caption(
        f"Sizes, shapes and amounts of dye of {best['n_first']:,} and {best['n_second']:,} cells. "
        "*Tells apart*: how often a cell of one class has more of it than a cell of the other; 50 % says "
        "nothing."
    )
    for _, line in table[table["area"] >= 0.8].head(3).iterrows():
        st.markdown(f"- {formatting.plain(in_words(line, *names))}")
    shown = pd.DataFrame(
        {
            "trait": [TRAITS[one].title for one in table["trait"]],
            "area": table["area"],
            "first": [number(v, TRAITS[t].unit) for v, t in zip(table["first"], table["trait"], strict=True)],
            "second": [
                number(v, TRAITS[t].unit) for v, t in zip(table["second"], table["trait"], strict=True)
            ],
        }
    )
    st.dataframe(
        formatting.table(shown),
        hide_index=True,
        height="content",
        key="pair_traits",
        alt="Traits that tell the two classes apart",
        column_config={
            "trait": st.column_config.TextColumn("Trait", pinned=True, width=330),
            "area": st.column_config.NumberColumn(
                "Tells apart", help="Area under the ROC curve of this trait alone.", format="%.2f", width=90
            ),
            "first": st.column_config.TextColumn(f"{names[0]}, median", width=190),
            "second": st.column_config.TextColumn(f"{names[1]}, median", width=190),
        },
    )
    downloads.table(table, "pair_traits")


def reliability(pool: Pool, run: Run, names: tuple[str, str]) -> pd.DataFrame | None:
    """How often the run is right between the two; asked for by a button, and cached."""
    places = class_places(pool.names, run.class_names, *names)
    if places is None:
        return None
    key = ("pair", *run.model_version, pool.dataset.fingerprint, *names)
    st.subheader(f"How reliable is {formatting.plain(run.id)} on this pair?", anchor=False)
    place = st.empty()
    if not loaders.is_cached(key) and not place.button(
        "Try it",
        icon=":material/target:",
        key="pair_try",
        help="Shows up to 60 cells of each class to the run: as they are, distorted, and as a made-up "
        "laboratory would show them. A few seconds.",
    ):
        return None
    place.empty()
    with errors.shown(stop=False):
        with st.spinner("Showing the cells to the run"):
            table = loaders.cached(key, lambda: _measured(pool, run, names, places))
        _reliability_table(table, names)
        return table
    return None


def _measured(pool: Pool, run: Run, names: tuple[str, str], places: list[int]) -> pd.DataFrame:
    fair = choose_rows(run, pool.dataset).rows
    rows = [np.intersect1d(rows_of(pool, name), fair) for name in names]
    if not all(len(one) for one in rows):
        raise UserError(
            "The run was trained on every cell of one of the two here, so that nothing fair is left to try: "
            "choose "
            "another dataset."
        )
    return pair_reliability(loaders.model_of(run), pool.dataset.images, (rows[0], rows[1]), places)


def _reliability_table(table: pd.DataFrame, names: tuple[str, str]) -> None:
    shown = table.assign(
        result=[formatting.with_interval(one.share, one.low, one.high) for one in table.itertuples()]
    ).round({"first": 2, "second": 2})
    st.caption("Judged between these two classes alone, on cells that the run was not trained on.")
    st.dataframe(
        shown,
        hide_index=True,
        height="content",
        key="pair_reliability",
        alt="How often the run is right on this pair",
        column_config={
            "condition": st.column_config.TextColumn("Cells", pinned=True, width=180),
            "n": st.column_config.NumberColumn("Number", **columns.count(76)),
            "result": st.column_config.TextColumn("Right", help="With its 95 % interval.", width=150),
            "first": st.column_config.NumberColumn(names[0], **columns.share(160)),
            "second": st.column_config.NumberColumn(names[1], **columns.share(160)),
        },
        column_order=["condition", "n", "result", "first", "second"],
    )
