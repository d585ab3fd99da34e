"""The layout of folders: a choice before opening a folder or zip, and a question where it is unclear."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from bcc.datasets import adopt, load
from bcc.datasets.folders.layout import CHOICES, WITHOUT_FOLDERS, UnclearLayoutError
from bcc.progress import Progress
from pages.parts.text import formatting

_ASKED = "open_question"
_FIND_OUT = "detected"
_NAMES = {
    _FIND_OUT: "detected from the folders",
    "class": "classes",
    "split/class": "train, validation and test, with classes inside",
    "group/class": "groups such as patients or folds, with classes inside",
    "table": "a table beside the images has the labels",
    "unlabelled": "no labels yet",
}


@dataclass(frozen=True)
class Question:
    """A dataset that cannot be opened until a person chooses the layout of its folders.

    Attributes:
        source, preprocessing: the dataset to open, and its preprocessing.
        doubt: what is unclear.
        choices: layout -> what it would mean.
    """

    source: str
    preprocessing: str | None
    doubt: str
    choices: dict[str, str]


def choice(key: str) -> str | None:
    """Draw widgets for the layout; returns its short form, `None` to detect it."""
    levels = st.selectbox(
        "What the folders are",
        list(_NAMES),
        format_func=_NAMES.__getitem__,
        help="Detected: folders that hold images are classes, and train, validation and test with such "
        "folders inside are a split; in doubt you are asked. "
        + " ".join((*CHOICES.values(), *WITHOUT_FOLDERS.values())),
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
    """Open and choose a dataset; returns its fingerprint, or the question to ask first."""
    try:
        dataset = load(source, preprocessing=preprocessing, progress=report, layout=layout)
    except UnclearLayoutError as error:
        return Question(source, preprocessing, error.doubt, error.choices)
    adopt(dataset)
    return dataset.fingerprint


def ask(question: Question) -> None:
    """Show the question from the next run of the script on."""
    st.session_state[_ASKED] = question


def forget() -> None:
    """Remove the question from the page."""
    st.session_state.pop(_ASKED, None)


def asked(open_as: Callable[[str, str | None, str], None]) -> None:
    """Show the open question, if any.

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
