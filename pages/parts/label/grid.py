"""The grid of cells: choose which and in what order, pick some, label them by key, confirm the rest."""

from __future__ import annotations

import numpy as np
import streamlit as st

from bcc.datasets import Dataset, Selection
from bcc.evaluation.class_matching import names_for_set
from bcc.evaluation.label_order import Order, label_order
from bcc.evaluation.predictions.set_answers import SetAnswers
from bcc.figures.colours import class_colours
from bcc.runs import Run
from pages.parts.label import status
from pages.parts.labelling import decisions, label_bar, run_answers
from pages.parts.state import links
from pages.parts.text import errors, formatting
from pages.parts.widgets import column_filter, gallery, pick_gallery

KEY = "label_grid"
PER_PAGE = 24
OPEN, CHANGED, EVERY, NONE = "not reviewed", "changed", "all", "without a label"
AS_IT_IS = "as in the dataset"
ORDERS: dict[str, Order | None] = {
    AS_IT_IS: None,
    "surest first": "sure",
    "least sure first": "unsure",
    "most different first": "different",
    "least sure and different": "both",
}
"""What stands in the list and in the address, and the order that it means."""
MOST_CHOSEN = 3 * PER_PAGE
"""Cells that are put in order at a time where that takes long."""


def show(dataset: Dataset, selection: Selection) -> None:
    """Draw the tab."""
    after = selection.relabelled(dataset)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        which = st.selectbox(
            "Show",
            [OPEN, EVERY, CHANGED, NONE, *after.class_names],
            key="label_which",
            bind="query-params",
            format_func=formatting.plain,
            width=200,
            help="Cells that nobody has reviewed, all, those with a changed label, or those of one class.",
        )
        order = st.selectbox(
            "Order",
            list(ORDERS),
            key="label_order",
            bind="query-params",
            width=230,
            help="Surest first, to confirm what a run proposes a grid at a time; least sure or most "
            "different first, where a label teaches most. All but the first need a run's answers.",
        )
        judge = run_answers.judge()
        proposed = st.selectbox(
            "Propose",
            ["every class", *(judge.run.class_names if judge else ())],
            key="label_proposed",
            format_func=formatting.plain,
            width=200,
            help="Only cells for which the run proposes this class.",
        )
    answers, run = None, None if judge is None else judge.run
    if run is not None:
        answers = run_answers.ask(
            run,
            dataset,
            "label",
            "A run can propose a label for every cell, and say which cells to label next.",
        )
    if answers is None and (order != AS_IT_IS or proposed != "every class"):
        st.info("Ask the run first: this order comes from its answers.", icon=":material/neurology:")
        return
    rows = _rows(selection, after, which)
    if answers is not None and run is not None and proposed != "every class":
        called = answers.probabilities[rows].argmax(axis=1)
        rows = rows[called == run.class_names.index(proposed)]
    rows = column_filter.show(dataset, rows, "label")
    if not len(rows):
        st.success("There are no such cells.", icon=":material/check:")
        return
    st.caption(f"{len(rows):,} cells. Click to pick, with Shift up to there; double-click to open one.")
    with errors.shown(stop=False):
        _page(dataset, after, selection, _ordered(rows, ORDERS[order], answers, selection), run, answers)


def _rows(selection: Selection, after: Dataset, which: str) -> np.ndarray:
    """The rows that are asked for, in the order of the dataset."""
    if which == EVERY:
        return np.arange(len(after))
    if which == OPEN:
        return np.flatnonzero(status.undecided(selection))
    if which == CHANGED:
        return selection.labels.changed_rows(after)
    if which == NONE:
        return np.flatnonzero(after.labels < 0)
    return np.flatnonzero(after.labels == after.class_names.index(which))


def _ordered(
    rows: np.ndarray, order: Order | None, answers: SetAnswers | None, selection: Selection
) -> np.ndarray:
    if answers is None or order is None:
        return rows
    others = np.ones(len(answers.probabilities), bool)
    others[rows] = False
    if order in ("sure", "unsure"):
        return label_order(order, answers.probabilities, answers.features, others, len(rows))
    # What was reviewed is known; cells that are only not shown are neither known nor chosen.
    known = np.zeros(len(others), bool)
    known[selection.reviewed] = True
    chosen = label_order(order, answers.probabilities, answers.features, known, MOST_CHOSEN)
    chosen = chosen[np.isin(chosen, rows)]
    return np.concatenate([chosen, np.setdiff1d(rows, chosen)])


def _page(
    dataset: Dataset,
    after: Dataset,
    selection: Selection,
    rows: np.ndarray,
    run: Run | None,
    answers: SetAnswers | None,
) -> None:
    page = gallery.paged(rows, "label_page", per_page=PER_PAGE)
    state = decisions.states(selection)
    colours = class_colours(after.class_names)
    proposals = _proposals(page, after, run, answers)
    cards = []
    for row, (proposal, sure) in zip(page, proposals, strict=True):
        label = int(after.labels[row])
        name = after.class_names[label] if label >= 0 else "no label"
        title = name if not proposal or proposal == name else f"{name} → {proposal}"
        note = (f"{formatting.share(sure)} · " if proposal else "") + formatting.row(dataset, int(row))
        mark = {
            decisions.RELABELLED: "changed",
            decisions.KEPT: "confirmed",
            decisions.DONT_KNOW: "don't know",
        }
        cards.append(
            gallery.Card(
                (np.asarray(dataset.images[row]),),
                title,
                note,
                colours.get(name, ""),
                f"{title}, {formatting.row(dataset, int(row))}",
                "left out" if state[row] == decisions.LEFT_OUT else mark.get(int(state[row]), ""),
            )
        )
    # Above the cells, so that the buttons are in view; what is picked is known only after the grid.
    bar = st.container(border=True)
    picked = pick_gallery.show(cards, page, "Cells to label", KEY)
    if picked.opened is not None:
        links.go("cell", row=str(picked.opened), selection=decisions.name(dataset))
    chosen = picked.rows
    names = [name for name, _ in proposals]
    with bar:
        st.caption(
            f"{len(chosen):,} picked"
            if len(chosen)
            else "Nothing is picked: pick cells, then press their class."
        )
        one = {names[list(page).index(row)] for row in chosen}
        label_bar.show(
            dataset,
            chosen,
            "label_bar",
            suggested=next(iter(one)) or None if len(one) == 1 else None,
            then=lambda: pick_gallery.clear(KEY),
        )
        _confirm(dataset, after, page, chosen, names, state)


def _proposals(
    page: np.ndarray, after: Dataset, run: Run | None, answers: SetAnswers | None
) -> list[tuple[str, float]]:
    """The class that the run proposes for each row, and its probability; "" where nobody was asked.

    Classes of the run are those of the dataset where the names match, or where one side has no names.
    """
    if run is None or answers is None:
        return [("", 0.0)] * len(page)
    names = names_for_set(after.class_names, run.class_names)
    said = answers.probabilities[page]
    return [(names[line.argmax()], float(line.max())) for line in said]


def _confirm(
    dataset: Dataset,
    after: Dataset,
    page: np.ndarray,
    chosen: np.ndarray,
    proposals: list[str],
    state: np.ndarray,
) -> None:
    """Draw the buttons that decide on all cells of the page that are not picked and not decided."""
    open_places = [
        place for place, row in enumerate(page) if row not in chosen and state[row] == decisions.UNDECIDED
    ]
    own = {
        int(page[place]): after.class_names[after.labels[page[place]]]
        for place in open_places
        if after.labels[page[place]] >= 0
    }
    said = {int(page[place]): proposals[place] for place in open_places if proposals[place]}
    with st.container(horizontal=True, gap="xsmall"):
        st.button(
            f"Confirm the labels of the other {len(own):,}",
            icon=":material/done_all:",
            key="label_confirm",
            disabled=not own,
            on_click=give_each,
            args=(dataset, own, "confirmed in the grid"),
            help="Records for all cells of this page that are neither picked nor reviewed that their label "
            "is right.",
        )
        st.button(
            f"Accept the proposals for the other {len(said):,}",
            icon=":material/neurology:",
            key="label_accept",
            disabled=not said,
            on_click=give_each,
            args=(dataset, said, "proposal of the run, accepted in the grid"),
            help="Gives all cells of this page that are neither picked nor reviewed the class that the run "
            "proposes.",
        )


def give_each(dataset: Dataset, labels: dict[int, str], why: str) -> None:
    """Give each row its class, adding classes that the dataset does not have."""
    who = decisions.reviewer()

    def give(before: Selection) -> Selection:
        for name in dict.fromkeys(labels.values()):
            if name not in before.labels.class_names(dataset):
                before = before.with_labels(dataset, before.labels.add_class(dataset, name))
            rows = [row for row, one in labels.items() if one == name]
            before = before.relabel(dataset, rows, name, who=who, why=why)
        return before

    decisions.change(dataset, give)
    pick_gallery.clear(KEY)
