"""What each class looks like to the run: pictures made up from noise."""

from __future__ import annotations

import numpy as np
import streamlit as st

from bcc.explain.activation import class_pictures
from bcc.figures.colours import class_colours
from bcc.runs import Run
from pages.parts.background import waiting
from pages.parts.state import loaders
from pages.parts.text import formatting
from pages.parts.widgets import downloads, gallery

QUICK, LONG = 80, 320


def show(run: Run) -> None:
    """Make up on request, then show a picture a class with what the run says of it."""
    names = run.class_names
    with st.container(horizontal=True, vertical_alignment="bottom"):
        steps = st.number_input(
            "Steps", QUICK, LONG, 160, 40, key="made_up_steps", width=150, help="More make a surer picture."
        )
        seed = st.number_input(
            "Seed", 0, 9999, 0, 1, key="made_up_seed", width=110, help="Of the noise that it begins with."
        )
        key = ("made up", run.id, run.model.stat().st_mtime, int(steps), int(seed))
        wanted = st.button(
            "Make them up",
            type="primary",
            icon=":material/auto_awesome:",
            help="Begins with noise and changes it, step by step, until the run is sure of the class.",
        )
    if not wanted and not waiting.is_known(key):
        st.info(
            "Beginning with noise, a picture is changed step by step until the run is as sure as can be "
            "that it shows the class. What appears is what the run has learned to look for, and no cell.",
            icon=":material/help:",
        )
        return

    pictures = waiting.result_of(
        key,
        "Making up pictures",
        lambda report: class_pictures(
            loaders.model_of(run).model, np.arange(len(names)), int(steps), int(seed), report
        ),
    )
    said = loaders.model_of(run)(pictures)
    colours = class_colours(names)
    cards = [
        gallery.Card(
            (picture,),
            name,
            f"{formatting.share(sure[place])} {name}, says the run",
            colours[name],
            f"What {name} looks like to the run",
        )
        for place, (name, picture, sure) in enumerate(zip(names, pictures, said, strict=True))
    ]
    gallery.show(cards, "What each class looks like to the run", width=170, columns=4)
    downloads.arrays(f"{run.id}_made_up", pictures=pictures, classes=np.array(names))
