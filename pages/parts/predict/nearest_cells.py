"""The training cells that a run finds most similar to an image: what it takes the image for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from bcc.evaluation.predictions.out_of_distribution import OodDetector
from bcc.figures.colours import class_colours
from bcc.runs import Run, is_shipped
from pages.parts.context import chosen
from pages.parts.text import errors, formatting
from pages.parts.widgets import gallery

COUNT = 8


@st.fragment
def show(
    run: Run, known: OodDetector, files: Sequence[str], images: np.ndarray, features: np.ndarray
) -> None:
    """Choose one of the images and draw its nearest training cells.

    Args:
        run: whose training cells they are.
        known: its familiarity.
        files: name of each image.
        images: uint8 (N, H, W, 3), as the run sees them.
        features: float (N, D), as the run's model gives them.
    """
    st.subheader("Nearest training cells", anchor=False)
    place = st.selectbox(
        "Image",
        range(len(files)),
        format_func=lambda one: formatting.plain(files[one]),
        key="nearest_image",
        width=320,
        help="The image whose most similar training cells are shown.",
    )
    near, distances = known.nearest(features[place : place + 1], COUNT)
    names, colours = run.class_names, class_colours(run.class_names)
    if is_shipped(run):
        classes = known.nearest_classes(features[place : place + 1], names, COUNT)[0]
        st.caption(
            f"{classes}. The photographs behind the shipped model do not ship, so they cannot be shown."
        )
        return
    with errors.shown(stop=False):
        data = chosen.data_of(run)
        cards = [
            gallery.Card((images[place],), "this image", formatting.plain(files[place]), "", "The image")
        ]
        for one, distance in zip(near[0], distances[0], strict=True):
            row, name = int(known.rows[one]), names[int(known.labels[one])]
            note = f"distance {distance:.2f} · {formatting.row(data, row)}"
            cards.append(
                gallery.Card((np.asarray(data.images[row]),), name, note, colours[name], f"{name}, row {row}")
            )
        gallery.show(cards, "The image and its nearest training cells", width=96)
