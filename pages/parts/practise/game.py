"""A round: one cell after another, its answer, and what there is to learn from it."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import streamlit as st

from bcc.datasets import Dataset
from bcc.errors import UserError
from bcc.evaluation.class_matching import names_for_set
from bcc.practice import Play, RunAnswer, guide, image_shown, save, tell_apart
from bcc.practice.answers import TOO_LATE, Answer
from bcc.runs import Run
from pages.parts.background import long_work
from pages.parts.context import chosen
from pages.parts.labelling import run_answers
from pages.parts.state import links, loaders, server_memory
from pages.parts.text import errors, formatting
from pages.parts.widgets import gallery

ROUND = "round"
"""Name of the round in the server's memory, and query parameter."""
WIDTH = 340
_PROBLEM = "practise.problem"
MOST_BUTTONS = 12


def begin(play: Play) -> None:
    """Begin a round; the run is asked about its cells behind the scenes."""
    server_memory.write(ROUND, play)


def current() -> Play | None:
    """The round that this person is in."""
    play = server_memory.read(ROUND)
    return play if isinstance(play, Play) else None


def end() -> None:
    """Leave the round; its answers are stored already."""
    server_memory.forget(ROUND)


@st.fragment
def show() -> None:
    """Draw the cell that is asked, or the answer to it."""
    play = current()
    if play is None or play.is_over:
        st.rerun()
    problem = st.session_state.pop(_PROBLEM, None)
    if problem:
        st.error(formatting.plain(problem), icon=":material/error:")
    with errors.shown():
        dataset = dataset_of(play.current.data)
    _ask_run(play)
    right, count = play.score
    line = f"Cell {play.position + 1} of {len(play.questions)}"
    if play.feedback == "at once" and count:
        line += f" · {right} of {count} right"
    if play.current.again:
        line += " · once more"
    st.progress(play.position / len(play.questions), line)
    picture, about = st.columns([4, 7], gap="large")
    with picture:
        _picture(play, dataset)
    with about:
        if play.last is None:
            _answers(play)
        else:
            _feedback(play, play.last)
    st.button(
        "End the round",
        icon=":material/stop:",
        key="practise_end",
        type="tertiary",
        on_click=_end,
        help="What you answered stays stored.",
    )


def dataset_of(fingerprint: str) -> Dataset:
    """A dataset of a round.

    Raises:
        UserError: it is not on this machine any more.
    """
    one = chosen.sets().get(fingerprint)
    if one is None:
        raise UserError(
            "The dataset of these cells is not on this machine any more: open it again on the Data page."
        )
    return loaders.dataset(one.fingerprint, one.class_names, one.when)


def image_of(dataset: Dataset, row: int, distorted: bool) -> np.ndarray:
    """An image of the round as it is shown."""
    return image_shown(np.asarray(dataset.images[row]), row, distorted)


def _picture(play: Play, dataset: Dataset) -> None:
    image = image_of(dataset, play.current.row, play.distorted)
    # The number of the row would give a sorted dataset away.
    st.html(
        f'<img src="{gallery.image_uri(image)}" alt="the cell to name" '
        f'style="width:100%;max-width:{WIDTH}px;border-radius:8px;display:block">'
    )
    if play.seconds and play.last is None:
        _clock()


@st.fragment(run_every=1.0)
def _clock() -> None:
    """Draw how much time is left; when it is over, the cell counts as not answered."""
    play = current()
    if play is None or play.is_over or play.last is not None:
        return
    left = play.left(time.monotonic()) or 0.0
    if play.is_late(time.monotonic()):
        _answer(TOO_LATE)
        st.rerun()
    st.progress(left / play.seconds, f"{left:.0f} s")


def _answers(play: Play) -> None:
    st.subheader("Which cell is this?", anchor=False)
    names = play.class_names
    with st.container(gap="xsmall"):
        for place, name in enumerate(names[:MOST_BUTTONS]):
            st.button(
                formatting.plain(name),
                key=f"practise_answer:{place}",
                shortcut=str(place + 1) if place < 9 else None,
                width=300,
                on_click=_answer,
                args=(name,),
                help="Your answer. The key on the right does the same." if place < 9 else "Your answer.",
            )
    if len(names) > MOST_BUTTONS:
        other = st.selectbox(
            "Another class",
            names[MOST_BUTTONS:],
            index=None,
            key="practise_other",
            format_func=formatting.plain,
            width=300,
            help="The classes that have no button.",
        )
        st.button(
            "Answer",
            key="practise_give_other",
            disabled=other is None,
            on_click=_answer,
            args=(other,),
            help="Gives the class above as your answer.",
        )


def _feedback(play: Play, given: Answer) -> None:
    truth = formatting.plain(given.truth)
    if given.right:
        st.success(f"Right: {truth}.", icon=":material/check_circle:")
    elif given.answer == TOO_LATE:
        st.warning(f"Time is over. It is labelled {truth}.", icon=":material/timer_off:")
    else:
        said = formatting.plain(given.answer)
        st.warning(f"It is labelled {truth}; you said {said}.", icon=":material/close:")
    if given.run_answer:
        line = (
            f"{formatting.plain(given.run)} says **{formatting.plain(given.run_answer)}** "
            f"({formatting.share(given.run_share)})."
        )
        if given.run_answer != given.truth:
            line += " It may be wrong, or the label may be: look at the cell itself."
        st.markdown(line)
    else:
        _about_silence(play)
    what_to_look_for(given.truth, "" if given.right else given.answer)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Next",
            icon=":material/arrow_forward:",
            type="primary",
            key="practise_next",
            shortcut="Enter",
            on_click=_next,
            help="The next cell, with the Enter key.",
        )
        links.link(
            "cell",
            "Everything about this cell",
            ":material/frame_inspect:",
            help="Its saliency map, its label and its history, and the cells most like it. Your round waits.",
            data=given.data,
            row=str(given.row),
        )


def what_to_look_for(name: str, instead: str = "") -> None:
    """Draw what a class looks like, and how it differs from the one that was answered."""
    apart = tell_apart(name, instead) if instead else ""
    if apart:
        title = f"{name[:1].upper()}{name[1:]} or {instead}?"
        st.markdown(f"**{formatting.plain(title)}** {formatting.plain(apart)}")
    words = guide(name)
    if words is None:
        return
    st.markdown(f"**What to look for:** {formatting.plain(words.giveaway)}")
    st.caption(
        f"Nucleus: {formatting.plain(words.nucleus)}  \nCytoplasm: {formatting.plain(words.cytoplasm)}  \n"
        f"Size: {formatting.plain(words.size)}."
    )


def _answer(name: str) -> None:
    play = current()
    if play is None or play.is_over or play.last is not None:
        return
    after = play.answer(name, time.monotonic(), _run_answer(play))
    try:
        save(play.person, after.answers[-1])
    except UserError as error:
        st.session_state[_PROBLEM] = str(error)
        return
    server_memory.write(ROUND, after)


def _next() -> None:
    play = current()
    if play is not None:
        server_memory.write(ROUND, play.next(time.monotonic()))


def _end() -> None:
    play = current()
    if play is None or not play.answers:
        end()
        return
    # The summary of what was answered follows.
    server_memory.write(ROUND, play.ended())


def _ask_run(play: Play) -> None:
    """Ask the run about all cells of the round, once, behind the scenes."""
    judge = run_answers.judge()
    key = _work_key(play, judge.run if judge is not None else None)
    if judge is not None and long_work.find(key) is None:
        sets = {one.data: dataset_of(one.data) for one in play.questions}
        long_work.start(key, lambda report, called_off: _asked(judge.run, play, sets))


def _work_key(play: Play, run: Run | None) -> tuple[str, str, str]:
    return ("round", play.token, "" if run is None else run.id)


def _asked(run: Run, play: Play, sets: dict[str, Dataset]) -> dict[tuple[str, int], RunAnswer]:
    """What the run says of every cell of the round: in the words of the round's classes."""
    asked = list(dict.fromkeys((one.data, one.row) for one in play.questions))
    predictor = loaders.model_of(run)
    # Of the whole dataset: where classes are only numbered their order decides, and a round may lack some.
    whole = (one.class_names for one in sets.values() if set(play.class_names) <= set(one.class_names))
    names = names_for_set(next(whole, play.class_names), run.class_names)
    answers: dict[tuple[str, int], RunAnswer] = {}
    for data, dataset in sets.items():
        rows = [row for fingerprint, row in asked if fingerprint == data]
        images = np.stack([image_of(dataset, row, play.distorted) for row in rows])
        said: np.ndarray[Any, Any] = predictor(images)
        for row, one in zip(rows, said, strict=True):
            place = int(one.argmax())
            answers[data, row] = RunAnswer(run.id, names[place], float(one[place]))
    return answers


def _about_silence(play: Play) -> None:
    """Say why no run has answered: it is still loading, or it could not be asked."""
    judge = run_answers.judge()
    work = None if judge is None else long_work.find(_work_key(play, judge.run))
    if work is None:
        return
    if work.alive:
        st.caption("The run is still being asked; it answers the next cells.")
    elif work.failed:
        st.caption(f"The run could not be asked. {formatting.plain(work.problem)}")


def _run_answer(play: Play) -> RunAnswer | None:
    judge = run_answers.judge()
    work = long_work.find(_work_key(play, judge.run if judge is not None else None))
    if work is None or work.alive or not isinstance(work.result, dict):
        return None
    found: RunAnswer | None = work.result.get((play.current.data, play.current.row))
    return found
