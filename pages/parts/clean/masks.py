"""Masks of cells: outlines over chosen images, and the sizes of cells and nuclei per class."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from bcc.cells import (
    KINDS_OF_MASK,
    MEASURED,
    has_known_masks,
    measure_masks,
    painted_dice,
    three_masks,
)
from bcc.csv_tables import table_text
from bcc.datasets import Dataset, Selection, derived, read_derived, with_files
from bcc.explain.per_class import sample_per_class
from bcc.figures import class_colours, measured_ranges, measured_scatter, outlined
from pages.parts.background import waiting
from pages.parts.state import loaders
from pages.parts.text import formatting
from pages.parts.widgets import columns, gallery

MASK_COLOURS = {"violet": (167, 60, 200), "cell": (20, 160, 120), "nucleus": (235, 120, 20)}
SCORED = 40
"""Images of each class whose masks are compared with the painted ones."""

MEASURED_AS = "masks-2"
"""Name under which the measurements are cached; it changes whenever the masks change."""

UNITS = {"area": "px", "share": "share of the image", "parts": "pieces"}


def show(dataset: Dataset, selection: Selection) -> None:
    """Draw the tab of masks."""
    st.caption(
        "The course's violet mask finds what is strongly stained; the cell and nucleus masks measure the "
        "stain itself, by limits that come from each image. On painted cells, whose masks are known, their "
        "Dice scores are 0.79, 0.95 and 0.95."
    )
    _preview(dataset)
    if has_known_masks(dataset):
        _scores(dataset)
    st.subheader("Measured", anchor=False)
    _measured(dataset, selection.apply(dataset))


def _preview(dataset: Dataset) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        everything = "one of each class"
        name = st.selectbox(
            "Cells",
            [everything, *dataset.class_names],
            key="clean_mask_class",
            width=240,
            help="Which cells to show.",
        )
        st.session_state.setdefault("clean_mask_draw", 0)
        st.button(
            "Others",
            icon=":material/casino:",
            key="clean_mask_others",
            on_click=_others,
            help="Draw other cells.",
        )
        st.markdown(
            " ".join(
                f'<span style="color:rgb{colour}">■</span> {kind}' for kind, colour in MASK_COLOURS.items()
            ),
            unsafe_allow_html=True,
            width="content",
        )
    rows, labels = np.arange(len(dataset)), dataset.labels
    per_class = 1
    if name != everything:
        rows = np.flatnonzero(labels == dataset.class_names.index(name))
        per_class = 8
    chosen = sample_per_class(
        labels[rows], rows, len(dataset.class_names), per_class, st.session_state["clean_mask_draw"]
    )
    if not len(chosen):
        st.info("This class has no images.", icon=":material/image_not_supported:")
        return
    colours = class_colours(dataset.class_names)
    cards = []
    for row in chosen:
        image = np.asarray(dataset.images[row])
        violet, cell, nucleus = three_masks(image)
        called = dataset.class_names[labels[row]]
        cards.append(
            gallery.Card(
                (
                    image,
                    outlined(image, {MASK_COLOURS["violet"]: violet}),
                    outlined(image, {MASK_COLOURS["cell"]: cell, MASK_COLOURS["nucleus"]: nucleus}),
                ),
                called,
                f"{formatting.row(dataset, row)} · violet {violet.mean():.0%}, cell {cell.mean():.0%}, "
                f"nucleus {nucleus.mean():.0%}",
                colours[called],
                f"{called}, row {row}: the image, its violet mask, its cell and nucleus masks",
            )
        )
    gallery.show(cards, "Cells and their masks", width=104)


def _scores(dataset: Dataset) -> None:
    """Show the Dice scores of the masks on painted cells, whose true masks are known."""
    place = st.expander(
        "How well the masks fit, per class", icon=":material/rule:", key="clean_dice", on_change="rerun"
    )
    if not place.open:
        return
    rows = sample_per_class(dataset.labels, np.arange(len(dataset)), len(dataset.class_names), SCORED, seed=0)
    with place:
        with st.spinner("Comparing with the painted masks"):
            table = loaders.cached(
                ("dice", dataset.fingerprint, dataset.class_names), lambda: painted_dice(dataset, rows)
            )
        column = st.column_config
        st.dataframe(
            table,
            hide_index=True,
            height="content",
            key="clean_dice_table",
            alt="Dice score of each mask, class by class",
            column_config={
                "class": column.TextColumn("Class", pinned=True),
                "pictures": column.NumberColumn("Images"),
                "violet_mask": column.NumberColumn(
                    "Violet",
                    **columns.number("%.2f"),
                    help="The course's violet mask against the painted cell.",
                ),
                "cell_mask": column.NumberColumn(
                    "Cell", **columns.number("%.2f"), help="The cell mask against the painted cell."
                ),
                "nucleus_mask": column.NumberColumn(
                    "Nucleus", **columns.number("%.2f"), help="The nucleus mask against the painted nucleus."
                ),
            },
        )
        st.caption(
            f"Dice score: twice the overlap divided by the sum of both areas; 1 is perfect. Up to "
            f"{SCORED} images "
            "of each class, planted faults included."
        )


def _measured(dataset: Dataset, keep: np.ndarray) -> None:
    """Measure all cells on request, then show the measurements of those that `keep` marks."""
    place = st.empty()
    if read_derived(dataset, MEASURED_AS) is None and not place.button(
        "Measure all cells",
        icon=":material/straighten:",
        key="clean_measure",
        help=f"Segments all {len(dataset):,} images once and caches the measurements; about half a "
        f"minute for 14,000 on two cores.",
    ):
        return
    place.empty()
    with waiting.progress("Segmenting the cells") as report:
        arrays = loaders.cached(
            (MEASURED_AS, dataset.fingerprint),
            lambda: derived(dataset, MEASURED_AS, lambda: measure_masks(dataset.images, report)),
        )
    frame = pd.DataFrame(arrays)
    frame["class"] = np.array(dataset.class_names, object)[dataset.labels]
    frame["row"] = np.arange(len(dataset))
    frame = frame.iloc[np.argsort(dataset.labels, kind="stable")]
    across, up = _choose_measurements(dataset, frame)
    _measurement_figures(dataset, frame[keep[frame["row"]]], across, up, hash(keep.tobytes()))


def _choose_measurements(dataset: Dataset, frame: pd.DataFrame) -> tuple[str, str]:
    """Let the person choose the measurements on both axes, and download all of them."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        across = st.selectbox(
            "Measurement",
            MEASURED,
            index=MEASURED.index("cell_share"),
            format_func=_title,
            key="clean_measure_x",
            width=280,
            help="The measurement per class, and the horizontal axis.",
        )
        up = st.selectbox(
            "Against",
            MEASURED,
            index=MEASURED.index("nucleus_share"),
            format_func=_title,
            key="clean_measure_y",
            width=280,
            help="The vertical axis of the scatter plot.",
        )
        st.download_button(
            "Table",
            lambda: table_text(with_files(frame[["row", "class", *MEASURED]], dataset.files)),
            "cell_measurements.csv",
            "text/csv",
            icon=":material/download:",
            key="clean_measure_csv",
            on_click="ignore",
            help="All measurements as CSV, one line per image, including those that are left out.",
        )
    return across, up


def _measurement_figures(dataset: Dataset, drawn: pd.DataFrame, across: str, up: str, left_out: int) -> None:
    """Draw one measurement per class, and one against the other.

    Args:
        dataset: the dataset.
        drawn: measurements of the rows that the selection keeps.
        across: the measurement per class, and on the horizontal axis.
        up: the measurement on the vertical axis.
        left_out: changes with the selection, so that figures are cached per selection.
    """
    left, right = st.columns(2, gap="large")
    with left:
        st.plotly_chart(
            loaders.cached(
                ("ranges", dataset.fingerprint, dataset.class_names, across, left_out),
                lambda: measured_ranges(drawn, across, _title(across)),
            ),
            key="clean_ranges",
            alt=f"{_title(across)} of each class",
        )
    with right:
        st.plotly_chart(
            loaders.cached(
                ("scatter", dataset.fingerprint, dataset.class_names, across, up, left_out),
                lambda: measured_scatter(drawn, across, up, (_title(across), _title(up)), legend=False),
            ),
            key="clean_scatter",
            alt=f"{_title(up)} against {_title(across)}, by class",
        )


def _title(column: str) -> str:
    """ "cell_share" -> "cell, share of the image"."""
    kind, what = column.split("_")
    assert kind in KINDS_OF_MASK
    return f"{kind}, area (px)" if what == "area" else f"{kind}, {UNITS[what]}"


def _others() -> None:
    st.session_state["clean_mask_draw"] += 1
