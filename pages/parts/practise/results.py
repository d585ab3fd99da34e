"""You and the run: all answers of a person beside the run's, the hardest cells, progress from day to day."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from bcc.datasets import Dataset
from bcc.figures import class_colours, confusion, progress_by_day
from bcc.practice import (
    Answer,
    answer_table,
    by_day,
    by_person,
    disagreements,
    hardest,
    standing,
)
from bcc.practice.standing import Standing
from pages.parts.practise import game, setup, who
from pages.parts.state import links
from pages.parts.text import errors, formatting
from pages.parts.widgets import beside, columns, downloads, gallery, ink

SHOWN = 24


def show(dataset: Dataset) -> None:
    """Draw the section about one person."""
    name = who.field()
    if not name:
        st.caption("Give your name to see your results.")
        return
    with errors.shown():
        every = who.own_answers(name)
    own = tuple(one for one in every if one.data == dataset.fingerprint)
    if not own:
        st.info(
            f"{formatting.plain(name)} has named no cell of this dataset yet: do so under Practise.",
            icon=":material/info:",
        )
        return
    found = standing(own, dataset.class_names)
    _numbers(found)
    matrix, table = beside.two(480)
    with matrix:
        st.subheader("What you took for what", anchor=False)
        drawn = confusion(found.confusion, "counts", across="your answer")
        st.plotly_chart(
            ink.inked(drawn), key="practise_confusion", alt="Your answers by the labels of the cells"
        )
        downloads.both(drawn, found.confusion, "my_confusion", index=True)
    with table:
        st.subheader("Class by class", anchor=False)
        _classes(found)
    _days(own)
    _differ(own, dataset)
    _hard(dataset)
    _others(name)


def _numbers(found: Standing) -> None:
    low, high = found.interval
    with st.container(horizontal=True, gap="large"):
        st.metric(
            "Cells", f"{found.n:,}", help="First sights, in all rounds on this dataset.", width="content"
        )
        st.metric(
            "You",
            formatting.with_interval(found.share, low, high),
            help="Share of right answers with its 95 % interval.",
            width="content",
        )
        if found.compared:
            st.metric(
                "The run",
                formatting.percent(found.run_right / found.compared),
                help=f"On the {found.compared:,} cells that it was asked about as well; you had "
                f"{formatting.percent(found.right_there / found.compared)} there.",
                width="content",
            )
        kappa = "–" if found.kappa != found.kappa else f"{found.kappa:.2f}"
        st.metric(
            "Kappa", kappa, help="Agreement with the labels beyond chance: 1 is perfect.", width="content"
        )
        st.metric("Time per cell", f"{found.seconds:.1f} s", help="The median.", width="content")


def _classes(found: Standing) -> None:
    lines = found.per_class
    shown = lines.assign(
        you=[
            formatting.with_interval(one.share, one.low, one.high) if one.n else "–"
            for one in lines.itertuples()
        ]
    )
    st.dataframe(
        formatting.table(shown),
        hide_index=True,
        height="content",
        key="practise_classes",
        alt="Your results for each class",
        column_config={
            "class": st.column_config.TextColumn("Class", pinned=True, width=154),
            "n": st.column_config.NumberColumn("Cells", **columns.count(56)),
            "you": st.column_config.TextColumn(
                "You", width=128, help="Share of right answers, with its 95 % interval."
            ),
            "run_share": st.column_config.NumberColumn(
                "The run", help="Its share of right answers on the same cells.", **columns.share(72)
            ),
            "usual_mistake": st.column_config.TextColumn("You often say", width=154),
        },
        column_order=["class", "n", "you", "run_share", "usual_mistake"],
    )
    downloads.table(found.per_class, "my_classes")


def _days(own: tuple[Answer, ...]) -> None:
    table = by_day(own)
    if len(table) < 2:
        return
    st.subheader("Progress", anchor=False)
    drawn = progress_by_day(table)
    st.plotly_chart(drawn, key="practise_days", alt="Share of right answers of each day")
    downloads.both(drawn, table, "my_progress")


def _differ(own: tuple[Answer, ...], dataset: Dataset) -> None:
    table = disagreements(own)
    if table.empty:
        return
    st.subheader("Where you and the run differ", anchor=False)
    counts = table["who"].value_counts()
    st.caption(
        f"{len(table):,} cells: you were right on {counts.get('you', 0):,}, the run on "
        f"{counts.get('the run', 0):,}, neither on {counts.get('neither', 0):,}."
    )
    cards = [
        gallery.Card(
            (game.image_of(dataset, int(one.row), bool(one.distorted)),),
            str(one.truth),
            f"you: {one.answer or 'no answer'} · run: {one.run_answer} "
            f"{formatting.share(float(one.run_share))}",
            class_colours(dataset.class_names).get(str(one.truth), ""),
            f"{one.truth}, row {one.row}",
        )
        for one in table.head(SHOWN).itertuples()
    ]
    gallery.show(cards, "Cells on which you and the run differ")


def _hard(dataset: Dataset) -> None:
    table = hardest(who.everybody(), dataset.fingerprint)
    table = table[table["difficulty"] > 0.5].head(SHOWN)
    if table.empty:
        return
    st.subheader("The hardest cells", anchor=False)
    st.caption("By all who answered here, at least twice; the hardest first. A label may be wrong: look.")
    cards = [
        gallery.Card(
            (np.asarray(dataset.images[int(one.row)]),),
            str(one.truth),
            f"{one.right} of {one.n} right" + (f" · often {one.usual_mistake}" if one.usual_mistake else ""),
            class_colours(dataset.class_names).get(str(one.truth), ""),
            f"{one.truth}, row {one.row}",
        )
        for one in table.itertuples()
    ]
    gallery.show(cards, "The hardest cells of the dataset")
    links.link(
        "practise",
        "Practise the hardest",
        ":material/school:",
        help="A round of the cells that a run and all who answered find hardest.",
        part="Practise",
        mix=setup.MIXES["confused"],
    )


def _others(name: str) -> None:
    table = by_person(who.everybody())
    if len(table) < 2:
        return
    st.subheader("All who answered here", anchor=False)
    people_table(table.assign(you=np.where(table["name"].str.casefold() == name.casefold(), "you", "")))
    downloads.table(answer_table(who.everybody()), "all_answers", label="All answers")


def people_table(table: pd.DataFrame) -> None:
    """Draw people and their results."""
    st.dataframe(
        formatting.table(table),
        hide_index=True,
        height="content",
        key="practise_people",
        alt="Results of all people",
        column_config={
            "name": st.column_config.TextColumn("Name", pinned=True),
            "n": st.column_config.NumberColumn("Cells", **columns.count(70)),
            "share": st.column_config.NumberColumn("Right", **columns.share(70)),
            "low": st.column_config.NumberColumn("From", **columns.share(70)),
            "high": st.column_config.NumberColumn("To", **columns.share(70)),
            "seconds": st.column_config.NumberColumn("Time", format="%.1f s", width=70),
            "you": st.column_config.TextColumn("", width=50),
        },
        column_order=["name", "n", "share", "low", "high", "seconds", "you"],
    )
