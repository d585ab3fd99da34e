"""Before a round: which cells, how many, and how fast."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime

import numpy as np
import streamlit as st

from bcc.datasets import Dataset, Selection, cached_sets
from bcc.evaluation.label_order import margin
from bcc.practice import Play, Pool, RoundOptions, draw_round, due_times, hardness, pool_of
from bcc.specs import check
from pages.parts.background.built_in_dataset import NEXT
from pages.parts.labelling import run_answers
from pages.parts.labelling.labelled_cells import labelled_cells
from pages.parts.practise import game, who
from pages.parts.state import loaders
from pages.parts.text import errors, formatting

MIXES: dict[str, str] = {
    "even": "All classes evenly",
    "blood": "As in healthy blood",
    "confused": "The hardest",
    "mistakes": "My mistakes",
}


def show(dataset: Dataset, selection: Selection) -> None:
    """Draw the form, and begin the round."""
    name = who.field()
    with errors.shown():
        pool = pools(dataset, selection, painted=False)[0]
        own = who.own_answers(name) if name else ()
    options, only, painted = _form(dataset, pool)
    if options.mix == "mistakes":
        _about_mistakes(own, dataset)
    hard = _hardness(dataset) if options.mix == "confused" else {}
    pressed = st.button(
        "Begin",
        icon=":material/play_arrow:",
        type="primary",
        disabled=not name,
        key="practise_begin",
        shortcut="Enter",
        help="Shows the first cell. Answer with the keys 1 to 9." if name else "Give a name first.",
    )
    if not name:
        st.caption("Give a name first; any name will do.")
    if pressed:
        with errors.shown():
            questions = draw_round(
                options,
                pools(dataset, selection, painted),
                secrets.randbelow(2**31),
                only=only,
                answers=own,
                hardness=hard,
                at=datetime.now(UTC),
            )
            game.begin(
                Play.practice(
                    secrets.token_hex(6), name, classes_of(pool), questions, options, time.monotonic()
                )
            )
        st.rerun()


def pools(dataset: Dataset, selection: Selection, painted: bool) -> list[Pool]:
    """The cells to draw from: of the dataset, and of the painted one beside it where that is wanted.

    Raises:
        UserError: no cell of the dataset has a label.
    """
    own = labelled_cells(dataset, selection)
    if not painted:
        return [own]
    one = next(one for one in cached_sets() if one.location == NEXT)
    other = loaders.dataset(one.fingerprint, one.class_names, one.when)
    painted_key = ("practice pool", other.fingerprint, other.class_names, classes_of(own))
    return [own, loaders.cached(painted_key, lambda: pool_of(other, like=classes_of(own)))]


def classes_of(pool: Pool) -> tuple[str, ...]:
    """The answers to choose from: the classes that have a cell."""
    present = set(np.unique(pool.dataset.labels[pool.rows]).tolist())
    return tuple(name for place, name in enumerate(pool.names) if place in present)


def _form(dataset: Dataset, pool: Pool) -> tuple[RoundOptions, list[str], bool]:
    """Draw the options; returns them, the classes to draw from, and whether painted cells come too."""
    fields = RoundOptions.model_fields
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        length = st.segmented_control(
            "Cells",
            [20, 50, 100],
            default=20,
            required=True,
            key="length",
            bind="query-params",
            help=fields["length"].description,
        )
        mix = st.segmented_control(
            "Which cells",
            list(MIXES),
            default="even",
            required=True,
            format_func=MIXES.__getitem__,
            key="mix",
            bind="query-params",
            help="Every class equally often; as often as in the blood of healthy adults (without platelets); "
            "those that a run and other people find hardest; or those that you named wrongly, which come "
            "back at once, then after 1, 3, 7 and 21 days.",
        )
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        only = st.multiselect(
            "Only these classes",
            classes_of(pool),
            key="only",
            bind="query-params",
            format_func=formatting.plain,
            placeholder="all classes",
            width=420,
            help="Two classes that look alike, for example. All of them remain as answers.",
        )
        seconds = st.number_input(
            "Seconds per cell",
            0,
            120,
            0,
            key="seconds",
            width=150,
            help="0 for as long as you like. A cell without an answer in time counts as wrong.",
        )
        distorted = st.toggle(
            "Distorted", key="distorted", bind="query-params", help=fields["distorted"].description
        )
        painted = _painted_toggle(dataset)
    values = {"length": length, "mix": mix, "seconds": seconds, "distorted": distorted}
    return check(RoundOptions, values, "the round"), only, painted


def _painted_toggle(dataset: Dataset) -> bool:
    here = any(one.location == NEXT for one in cached_sets())
    if dataset.is_synthetic or not here:
        return False
    return st.toggle(
        "Painted cells too",
        key="painted",
        bind="query-params",
        help="About half of the cells are the painted ones that ship with BCC, of the same classes.",
    )


def _about_mistakes(own: tuple, dataset: Dataset) -> None:
    times = {key: when for key, when in due_times(own).items() if key[0] == dataset.fingerprint}
    ready = sum(when <= datetime.now(UTC) for when in times.values())
    later = [when for when in times.values() if when > datetime.now(UTC)]
    line = f"{ready:,} cells of this dataset are due now"
    if later:
        line += f", {len(later):,} later; the next at {min(later):%d %B, %H:%M} UTC"
    st.caption(f"{line}.")


def _hardness(dataset: Dataset) -> dict[str, np.ndarray]:
    judge = run_answers.judge()
    answers = None
    if judge is not None:
        answers = run_answers.ask(
            judge.run, dataset, "practise_hard", "A run says which cells are hard; it has not been asked yet."
        )
    margins = None if answers is None else margin(answers.probabilities)
    return {dataset.fingerprint: hardness(len(dataset), who.everybody(), dataset.fingerprint, margins)}
