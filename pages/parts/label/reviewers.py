"""Two reviewers of the same dataset: how far they agree, and one selection made of both."""

from __future__ import annotations

import math

import numpy as np
import streamlit as st

from bcc.datasets import Dataset, Selection, open_selection, saved_selections
from bcc.errors import UserError
from bcc.quality.agreement import Agreement, Side, agreement, merge
from pages.parts.labelling import decisions
from pages.parts.text import errors, formatting
from pages.parts.widgets import downloads, gallery, pick_gallery

TAKEN = "label.taken"
"""Where the session keeps whose answer counts, by row."""
KEY = "disagreements"


def show(dataset: Dataset, selection: Selection) -> None:
    """Draw the tab."""
    mine = decisions.name(dataset)
    others = [name for name in saved_selections(dataset) if name != mine]
    if not others:
        st.info(
            "Each reviewer works in a selection of their own. Make a second one on the Clean page under "
            "Selections, or import a colleague's file there; agreement and disagreements then appear here.",
            icon=":material/group:",
        )
        return
    other = st.selectbox(
        f"Compare '{formatting.plain(mine)}' with",
        others,
        index=None,
        placeholder="Choose a selection",
        key="label_other",
        width=320,
        help="The selection of the other reviewer.",
    )
    if other is None:
        return
    with errors.shown(stop=False):
        theirs = open_selection(dataset, other)
        found = agreement(dataset, selection, theirs)
        _numbers(found)
        _disagreements(dataset, found, mine, other)
        _merged(dataset, selection, theirs, found, f"{mine} and {other}"[:80])


def _numbers(found: Agreement) -> None:
    n = len(found.table)
    low, high = found.interval
    with st.grid(4, min_column_width=140):
        st.metric("Reviewed by both", f"{n:,}", border=True, help="Cells on which both have decided.")
        st.metric(
            "Agreement",
            f"{found.agreed / n:.1%}" if n else "–",
            f"{low:.1%} to {high:.1%}" if n else None,
            delta_color="off",
            delta_arrow="off",
            border=True,
            height="stretch",
            help="Share of the same answer, with its 95 % interval (Wilson).",
        )
        st.metric(
            "Cohen's kappa",
            "–" if math.isnan(found.kappa) else f"{found.kappa:.3f}",
            border=True,
            help="Agreement beyond chance: 1 is perfect, 0 is what chance would give.",
        )
        st.metric(
            "By one alone",
            f"{len(found.only_first) + len(found.only_second):,}",
            border=True,
            help="Cells that only one of the two has reviewed.",
        )


def _disagreements(dataset: Dataset, found: Agreement, mine: str, other: str) -> None:
    differ = found.disagreements
    if differ.empty:
        st.success("The two agree on every cell that both have reviewed.", icon=":material/check:")
        return
    taken = _taken(dataset)
    st.subheader("Disagreements", anchor=False)
    st.caption("Pick cells, then say whose answer counts for them.")
    shown = differ.iloc[gallery.paged(range(len(differ)), "differ_page", per_page=24)]
    cards = [
        gallery.Card(
            (np.asarray(dataset.images[one.row]),),
            f"{one.first} / {one.second}",
            f"dataset: {one.own} · {formatting.row(dataset, one.row)}",
            "",
            f"Row {one.row}: {one.first} or {one.second}",
            {"first": f"{mine} counts", "second": f"{other} counts"}.get(taken.get(int(one.row), ""), ""),
        )
        for one in shown.itertuples()
    ]
    picked = pick_gallery.show(cards, shown["row"].tolist(), "Cells with two answers", KEY, width=130)
    with st.container(horizontal=True, gap="xsmall"):
        for side, name in (("first", mine), ("second", other)):
            st.button(
                f"'{formatting.plain(name)}' is right",
                key=f"differ_{side}",
                disabled=not len(picked.rows),
                on_click=_take,
                args=(dataset, picked.rows, side),
                help="Counts for the picked cells.",
            )
    downloads.table(differ, "disagreements")


def _merged(dataset: Dataset, first: Selection, second: Selection, found: Agreement, name: str) -> None:
    taken = _taken(dataset)
    left = len(set(map(int, found.disagreements["row"])) - set(taken))
    st.subheader("One selection of both", anchor=False)
    st.caption(
        f"{left:,} disagreements are undecided and stay so in the merged selection."
        if left
        else "Every disagreement is decided."
    )
    if st.button(
        "Merge the two",
        icon=":material/merge:",
        key="label_merge",
        help=f"Makes the selection '{formatting.plain(name)}'; both others stay as they are.",
    ):
        if name in saved_selections(dataset):
            raise UserError(f"There is a selection '{name}' already; rename or delete it first.")
        merge(dataset, first, second, taken).save(name)
        st.query_params[decisions.PARAMETER] = name
        st.rerun()


def _taken(dataset: Dataset) -> dict[int, Side]:
    found: dict[int, Side] = st.session_state.setdefault(f"{TAKEN}:{dataset.fingerprint}", {})
    return found


def _take(dataset: Dataset, rows: np.ndarray, side: Side) -> None:
    _taken(dataset).update({int(row): side for row in rows})
    pick_gallery.clear(KEY)
