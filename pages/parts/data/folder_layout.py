"""What folders are: a plain choice before opening a folder or zip, and a question where it is unclear."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from bcc.datasets import adopt, load
from bcc.datasets.folders.layout import CHOICES, UnclearLayoutError
from bcc.progress import Progress
from pages.parts.text import formatting

_ASKED = "open_question"
_FIND_OUT = "detected"
_NAMES = {
    _FIND_OUT: "detected from the folders",
    "class": "classes",
    "split/class": "train, validation and test, with classes inside",
    "group/class": "groups such as patients or folds, with classes inside",
}


@dataclass(frozen=True)
class Question:
    """A set that cannot be opened before a person says what its folders are.

    Attributes:
        source, preprocessing: what was to be opened, and how.
        doubt: what is unclear.
        choices: layout -> what it would mean.
    """

    source: str
    preprocessing: str | None
    doubt: str
    choices: dict[str, str]


def choice(key: str) -> str | None:
    """Widgets for the layout; the short form, `None` to find it out."""
    levels = st.selectbox(
        "What the folders are",
        list(_NAMES),
        format_func=_NAMES.__getitem__,
        help="Detected: folders that hold images are classes, and train, validation and test with such "
        "folders inside are a split; in doubt you are asked. " + " ".join(CHOICES.values()),
        key=f"open_layout_{key}",
    )
    masks = st.checkbox(
        "Treat masks as images",
        help="Files that look like masks of others (x_mask.png, x.png beside x.bmp, a folder masks) are "
        "skipped and listed unless this is checked.",
        key=f"open_masks_{key}",
    )
    named = "" if levels == _FIND_OUT else levels
    return (f"{named or 'auto'}+masks" if masks else named) or None


def opened(source: str, preprocessing: str | None, layout: str | None, report: Progress) -> str | Question:
    """Open a set as the one that is chosen from now on: its fingerprint, or what has to be asked first."""
    try:
        dataset = load(source, preprocessing=preprocessing, progress=report, layout=layout)
    except UnclearLayoutError as error:
        return Question(source, preprocessing, error.doubt, error.choices)
    adopt(dataset)
    return dataset.fingerprint


def ask(question: Question) -> None:
    """Put the question on the page, from the next run of the script on."""
    st.session_state[_ASKED] = question


def forget() -> None:
    """Take the question off the page."""
    st.session_state.pop(_ASKED, None)


def asked(open_as: Callable[[str, str | None, str], None]) -> None:
    """Show the question that waits for an answer, if any.

    Args:
        open_as: opens (source, preprocessing, layout) when the person has answered.
    """
    question = st.session_state.get(_ASKED)
    if question is None:
        return
    with st.container(border=True):
        st.warning(formatting.plain(question.doubt), icon=":material/help:")
        answer = st.radio(
            "What are they?",
            list(question.choices),
            captions=[
                formatting.plain(f"{meaning[:1].upper()}{meaning[1:]}.")
                for meaning in question.choices.values()
            ],
            index=None,
            help="From the outermost folder inwards.",
            key="open_question_answer",
        )
        with st.container(horizontal=True):
            if st.button(
                "Open it this way",
                key="open_question_button",
                icon=":material/folder_open:",
                disabled=answer is None,
                help="The choice is saved with the dataset.",
            ):
                forget()
                open_as(question.source, question.preprocessing, str(answer))
            if st.button(
                "Not now", key="open_question_away", icon=":material/close:", help="Nothing is opened."
            ):
                forget()
                st.rerun()
