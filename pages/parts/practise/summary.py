"""After a round: how many were right, and the cells that were not."""

from __future__ import annotations

import streamlit as st

from bcc.figures.colours import class_colours
from bcc.practice import Play, standing
from bcc.practice.answers import TOO_LATE, Answer
from pages.parts.practise import game
from pages.parts.state import links
from pages.parts.text import errors, formatting
from pages.parts.widgets import gallery


def show(play: Play) -> None:
    """Draw the result of a round that is over."""
    found = standing(play.answers, play.class_names)
    low, high = found.interval
    st.subheader("The round is over" if not play.quiz else "The quiz is over", anchor=False)
    with st.container(horizontal=True, gap="large"):
        st.metric(
            "Right",
            f"{found.right} of {found.n}",
            help="First sights only; cells that came back count as practice.",
            width="content",
        )
        st.metric(
            "Accuracy",
            formatting.with_interval(found.share, low, high),
            help="With its 95 % interval: what so many cells can say.",
            width="content",
        )
        if found.compared:
            st.metric(
                "The run, same cells",
                f"{found.run_right} of {found.compared}",
                help="What the chosen run, or the model that ships, says of the same images.",
                width="content",
            )
        st.metric("Time per cell", f"{found.seconds:.1f} s", help="The median.", width="content")
    wrong = [one for one in play.answers if not one.right and not one.again]
    if wrong:
        st.caption("Not as labelled:")
        with errors.shown(stop=False):
            _wrong(wrong)
    else:
        st.success("Every cell was right.", icon=":material/check_circle:")
    with st.container(horizontal=True):
        st.button(
            "Another round" if not play.quiz else "Done",
            icon=":material/replay:",
            type="primary",
            key="practise_again",
            shortcut="Enter",
            on_click=game.end,
            help="Back to the choices.",
        )
        links.link(
            "practise",
            "You and the run",
            ":material/monitoring:",
            help="All your answers so far, beside the run's.",
            part="You and the run",
            who=play.person,
        )


def _wrong(wrong: list[Answer]) -> None:
    cards = []
    for one in wrong[:60]:
        dataset = game.dataset_of(one.data)
        said = one.answer if one.answer != TOO_LATE else "no answer in time"
        cards.append(
            gallery.Card(
                (game.image_of(dataset, one.row, one.distorted),),
                one.truth,
                f"you: {said}" + (f" · {one.run}: {one.run_answer}" if one.run_answer else ""),
                class_colours(dataset.class_names).get(one.truth, ""),
                f"{one.truth}, answered {said}",
            )
        )
    gallery.show(cards, "Cells that were named otherwise than their labels")
