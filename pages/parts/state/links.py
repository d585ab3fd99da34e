"""Links between pages that carry the chosen dataset and run.

The URL is the only place that knows what is chosen: `?data=<fingerprint>&run=<id>`. Streamlit's own links
clear it, so every link in the app is made here.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NoReturn

import streamlit as st

DATA, RUN = "data", "run"
"""Names of the two query parameters."""
ROW = "row"
"""Query parameter of the page Cell."""
LESSON = "lesson"
"""Query parameter of the page Lessons; the session remembers the open lesson under the same name."""

PAGES = {
    "home": ("Home", ":material/home:", "Start here."),
    "data": ("Data", ":material/grid_view:", "Browse the images and the class balance."),
    "fields": (
        "Fields",
        ":material/search_insights:",
        "Find the cells in photographs of whole fields, and open them as a dataset.",
    ),
    "cell": ("Cell", ":material/frame_inspect:", "Everything known about one cell, and those most like it."),
    "label": ("Label", ":material/new_label:", "Put labels right and label new cells, a grid at a time."),
    "clean": (
        "Clean",
        ":material/mop:",
        "Find copies, bad images and doubtful labels, and decide what to leave out.",
    ),
    "augment": ("Augment", ":material/auto_fix_high:", "Augment images live and build a recipe."),
    "train": ("Train", ":material/model_training:", "Start a run and follow it."),
    "runs": ("Runs", ":material/list_alt:", "All runs: open, stop, resume, delete."),
    "metrics": ("Metrics", ":material/monitoring:", "How often a run is right, and where it is wrong."),
    "robustness": (
        "Robustness",
        ":material/blur_on:",
        "How much of its accuracy a run keeps when images are distorted.",
    ),
    "transfer": (
        "Other laboratory",
        ":material/travel_explore:",
        "How good a run is on cells from elsewhere, and what differs.",
    ),
    "saliency": (
        "Saliency",
        ":material/center_focus_strong:",
        "What a run looks at, and whether to believe the maps.",
    ),
    "compare": ("Compare", ":material/compare_arrows:", "Compare runs, and combine them."),
    "predict": ("Predict", ":material/biotech:", "Classify your own images."),
    "paint": (
        "Paint a cell",
        ":material/brush:",
        "Change a painted cell and watch how the prediction changes.",
    ),
    "practise": (
        "Practise",
        ":material/school:",
        "Name cells yourself, learn what to look for, and see how you do beside a run.",
    ),
    "lessons": (
        "Lessons",
        ":material/menu_book:",
        "Five lessons for a class: steps that open the right page, with a question each.",
    ),
    "look_alikes": (
        "Look-alikes",
        ":material/compare:",
        "Two classes side by side: what tells them apart, and how reliable a run is on the pair.",
    ),
}
"""File name without .py, which is also the address -> title, icon and what the page is for."""

GROUPS = {
    "": ("home",),
    "Cells": ("data", "fields", "cell", "label", "clean"),
    "Training": ("augment", "train", "runs"),
    "Judging": ("metrics", "robustness", "transfer", "saliency", "compare"),
    "Asking": ("predict", "paint"),
    "Learning": ("practise", "look_alikes", "lessons"),
}
"""How the sidebar groups them: heading -> pages."""


def is_number(text: str) -> bool:
    """Whether a number field can take this; Streamlit breaks on 1e999."""
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def bound(key: str, fits: Callable[[str], bool] = is_number) -> dict[str, Any]:
    """Return the arguments that bind a widget to the address, unless its first value there is invalid.

    Args:
        key: of the widget, and of the query parameter.
        fits: whether the widget can take this text.
    """
    place = f"bound:{key}"
    if place not in st.session_state:
        st.session_state[place] = all(fits(text) for text in st.query_params.get_all(key))
        if not st.session_state[place]:
            del st.query_params[key]
    return {"bind": "query-params"} if st.session_state[place] else {}


def rename(key: str, new_names: dict[str, str]) -> None:
    """Keep links from older versions working: replace old values of a query parameter.

    Args:
        key: of the widget, and of the query parameter; call this before the widget is drawn.
        new_names: old value -> the value that means the same today.
    """
    if st.query_params.get(key) in new_names:
        # A widget takes its value from the address with which the script began.
        st.query_params[key] = new_names[st.query_params[key]]
        st.rerun()


def query(**changes: str | list[str] | None) -> dict[str, str | list[str]]:
    """The chosen dataset and run as query parameters, with changes.

    `None` removes a parameter, a list gives it several values.
    """
    chosen = {key: st.query_params[key] for key in (DATA, RUN) if key in st.query_params}
    return {key: value for key, value in {**chosen, **changes}.items() if value}


def link(
    page: str, label: str, icon: str | None = None, help: str | None = None, **changes: str | list[str] | None
) -> None:
    """A link to a page ("train" is pages/train.py)."""
    st.page_link(f"pages/{page}.py", label=label, icon=icon, help=help, query_params=query(**changes))


def go(page: str, **changes: str | None) -> NoReturn:
    """Switch to another page at once."""
    st.switch_page(f"pages/{page}.py", query_params=query(**changes))


def choose(**changes: str | None) -> None:
    """Write a choice into the URL; the sidebar follows on the next run of the script."""
    for key, value in changes.items():
        if value:
            st.query_params[key] = value
        elif key in st.query_params:
            del st.query_params[key]
