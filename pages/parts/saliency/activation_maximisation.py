"""What each class looks like to the run: images optimised from noise, by BCC or by tf-keras-vis."""

from __future__ import annotations

import numpy as np
import streamlit as st

from bcc.explain import ENGINES, OURS
from bcc.explain.activation_maximisation import class_images
from bcc.explain.keras_vis import MadeUpOptions, class_images_of_library
from bcc.figures.colours import class_colours
from bcc.runs import Run
from bcc.specs import check, field_bounds, field_title
from pages.parts.background import waiting
from pages.parts.state import loaders
from pages.parts.text import formatting
from pages.parts.widgets import downloads, gallery

QUICK, LONG = 80, 320


def show(run: Run) -> None:
    """Generate on request, then show one image per class with the run's prediction for it."""
    names = run.class_names
    with st.container(horizontal=True, vertical_alignment="bottom"):
        steps = st.number_input(
            "Steps",
            QUICK,
            LONG,
            160,
            40,
            key="made_up_steps",
            width=150,
            help="More steps make a clearer image.",
        )
        seed = st.number_input(
            "Seed", 0, 9999, 0, 1, key="made_up_seed", width=110, help="Random seed of the initial noise."
        )
        engine = st.selectbox(
            "Engine",
            ENGINES,
            format_func=lambda name: {OURS: "BCC"}.get(name, name),
            key="made_up_engine",
            bind="query-params",
            width=150,
            help="What generates them. tf-keras-vis has regularisers and modifiers to set, and takes longer.",
        )
        wanted = st.button(
            "Generate",
            type="primary",
            icon=":material/auto_awesome:",
            help="Starts from noise and optimises it until the run predicts the class with confidence.",
        )
    options = None if engine == OURS else _options()
    made_by = (engine, options.model_dump_json() if options else "")
    key = ("made up", run.id, run.model.stat().st_mtime, int(steps), int(seed), *made_by)
    if not wanted and not waiting.is_known(key):
        st.info(
            "Starting from noise, an image is optimised until the run predicts the class as confidently "
            "as possible. It shows what the run has learned to look for; it is not a cell.",
            icon=":material/help:",
        )
        return

    def make(report: waiting.Report) -> np.ndarray:
        asked = loaders.model_of(run).model, np.arange(len(names)), int(steps), int(seed)
        if options is None:
            return class_images(*asked, report)
        return class_images_of_library(*asked, options, report)

    images = waiting.result_of(key, "Generating images", make)
    _gallery(run, images)
    file = f"{run.id}_made_up" + ("" if engine == OURS else f"_{engine}")
    downloads.arrays(file, images=images, classes=np.array(names))


def _gallery(run: Run, images: np.ndarray) -> None:
    """Show the generated image of each class, with the run's confidence in the class."""
    names = run.class_names
    probabilities = loaders.model_of(run)(images)
    colours = class_colours(names)
    cards = [
        gallery.Card(
            (image,),
            name,
            f"{formatting.share(row[place])} {name} by the run",
            colours[name],
            f"What {name} looks like to the run",
        )
        for place, (name, image, row) in enumerate(zip(names, images, probabilities, strict=True))
    ]
    gallery.show(cards, "What each class looks like to the run", width=170, columns=4)


def _options() -> MadeUpOptions:
    """A slider for each of the library's regularisers and modifiers, made from their spec."""
    values: dict[str, float] = {}
    columns = st.columns(len(MadeUpOptions.model_fields), gap="medium")
    for column, (name, field) in zip(columns, MadeUpOptions.model_fields.items(), strict=True):
        low, high = field_bounds(field)
        assert low is not None
        assert high is not None
        number = int if field.annotation is int else float
        step = 1 if number is int else float(f"{(high - low) / 400:.0e}")
        values[name] = column.slider(
            field_title(name, field),
            number(low),
            number(high),
            number(field.default),
            number(step),
            format="%g",
            key=f"made_up_{name}",
            help=field.description,
        )
    return check(MadeUpOptions, values, "the options of made-up images")
