"""The map of the dataset: colour it, circle a region, inspect its images, keep or drop them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from bcc.cells.map_layout import MapLayout, is_laid_out, lay_out
from bcc.datasets import SPLITS, Dataset
from bcc.errors import UserError
from bcc.figures import class_colours, map_of_rows
from bcc.quality import KINDS, SavedScan
from pages.parts.background import long_work, waiting
from pages.parts.clean import kinds
from pages.parts.labelling import decisions, label_bar
from pages.parts.state import loaders
from pages.parts.text import errors, formatting
from pages.parts.widgets import gallery

LAYOUTS: tuple[MapLayout, ...] = ("plane", "neighbours")
COLOURS = ("class", "finding", "split", "decision")
NOTHING = "nothing found"
_SPLIT_COLOURS = {"train": "#3f77d0", "validation": "#cbad0d", "test": "#3c9d54"}
_DECISION_COLOURS = {
    "left out": "#c2410c",
    "kept": "#2f7d4f",
    "relabelled": "#6d4fc2",
    "don't know": "#6b7280",
}


def show(dataset: Dataset, done: SavedScan | None) -> None:
    """Draw the tab of the map."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="large"):
        layout = st.segmented_control(
            "Map",
            LAYOUTS,
            default="plane",
            required=True,
            key="map",
            bind="query-params",
            help="The plane of the first two principal components is available at once and shows "
            "outliers. Neighbours (t-SNE) puts similar images together; it is computed once, in "
            "about a minute for 14,000 images.",
        )
        colour = st.segmented_control(
            "Colour by",
            COLOURS,
            default="class",
            required=True,
            key="colour",
            bind="query-params",
            help="The class, the worst finding, the split, or the decision.",
        )
    if layout == "neighbours" and not is_laid_out(dataset, layout):
        _work_out(dataset)
        return
    try:
        with waiting.progress("Computing the map") as report:
            places = loaders.cached(
                ("map", dataset.fingerprint, layout), lambda: lay_out(dataset, layout, report)
            )
    except UserError as error:
        with errors.shown(stop=False):
            raise error
        return
    drawn = _figure(dataset, done, layout, colour, places)
    chart, beside = st.columns([8, 5], gap="medium")
    with chart:
        event = st.plotly_chart(
            drawn,
            key=f"clean_map:{dataset.fingerprint}:{layout}:{colour}",
            on_select="rerun",
            selection_mode=("points", "box", "lasso"),
            config={"scrollZoom": True, "displaylogo": False},
            alt=f"Map of {len(dataset):,} images, coloured by {colour}",
        )
    with beside:
        _chosen(dataset, rows_of(event))


def rows_of(event: dict) -> np.ndarray:
    """Return the rows of the selected points, int64 (M,)."""
    points = event.get("selection", {}).get("points", []) if event else []
    rows = [np.atleast_1d(point["customdata"])[0] for point in points if point.get("customdata") is not None]
    return np.unique(np.array(rows, np.int64))


def work_key(dataset: Dataset) -> tuple[str, str]:
    """Return the key of the work that computes the neighbour map of a dataset, the same for everyone."""
    return ("neighbours", dataset.fingerprint)


def _work_out(dataset: Dataset) -> None:
    """Offer to compute the neighbour map, or show its progress."""
    key = work_key(dataset)
    if long_work.under_way(key, "clean_cancel_map"):
        return
    with st.container(border=True):
        st.markdown(
            f"The neighbours of {len(dataset):,} images have not been computed yet. They are computed "
            f"once and then cached."
        )
        if st.button(
            "Compute them",
            icon=":material/scatter_plot:",
            type="primary",
            key="clean_lay_out",
            help="Seconds for a small dataset, about a minute for 14,000 images on two cores.",
        ):
            long_work.start(
                key,
                lambda report, called_off: lay_out(
                    dataset, "neighbours", long_work.stopping(report, called_off)
                ),
                (long_work.CalledOff,),
            )
            st.rerun()


def _figure(
    dataset: Dataset, done: SavedScan | None, layout: MapLayout, colour: str, places: np.ndarray
) -> go.Figure:
    """Draw the map, cached per layout, colour and scan; coloured by decision, it is redrawn each time."""
    if colour == "decision":
        return _draw(dataset, done, colour, places, decisions.states(decisions.current(dataset)))
    key = (
        "map figure",
        dataset.fingerprint,
        dataset.class_names,
        layout,
        colour,
        done.when if done else "",
    )
    return loaders.cached(key, lambda: _draw(dataset, done, colour, places, None))


def _draw(
    dataset: Dataset, done: SavedScan | None, colour: str, places: np.ndarray, state: np.ndarray | None
) -> go.Figure:
    finding = np.full(len(dataset), "", object)
    if done is not None:
        worst = done.findings.frame.sort_values("score", ascending=False, kind="stable")
        worst = worst[worst["suggested"] != "keep"]
        finding[worst["index"]] = worst["kind"].map(kinds.title)
    names = np.array(dataset.class_names, object)[dataset.labels]
    points = pd.DataFrame(
        {
            "row": np.arange(len(dataset)),
            "x": places[:, 0].round(3),
            "y": places[:, 1].round(3),
            "class": names,
            "finding": finding,
        }
    )
    if colour == "class":
        return map_of_rows(points, "class", class_colours(dataset.class_names))
    if colour == "finding":
        points["finding group"] = np.where(finding == "", NOTHING, finding)
        found = class_colours([kinds.title(kind) for kind in KINDS])
        return map_of_rows(points, "finding group", found)
    if colour == "split":
        sides = loaders.sides(dataset.fingerprint, dataset)
        points["split"] = np.array([*SPLITS, "left out"], object)[sides]
        return map_of_rows(points, "split", _SPLIT_COLOURS)
    assert state is not None
    # The last one is `decisions.KEPT`, -1.
    words = ["undecided", "left out", "relabelled", "don't know", "kept"]
    points["decision"] = np.array(words, object)[state]
    return map_of_rows(points, "decision", _DECISION_COLOURS)


def _chosen(dataset: Dataset, rows: np.ndarray) -> None:
    if not len(rows):
        st.info(
            "Click a point, or circle a region with the lasso: its images appear here to be kept or "
            "dropped. Scroll to zoom, double-click to reset.",
            icon=":material/gesture_select:",
        )
        return
    state = decisions.states(decisions.current(dataset))[rows]
    st.markdown(f"**{len(rows):,} rows chosen**, {int((state == 1).sum()):,} of them left out")
    reason = st.text_input(
        "Reason", "chosen on the map", key="clean_map_reason", help="Saved with each row that is left out."
    )
    with st.container(horizontal=True, gap="xsmall"):
        st.button(
            f"Drop {len(rows):,}",
            icon=":material/close:",
            type="primary",
            key="clean_map_drop",
            on_click=decisions.leave_out,
            args=(dataset, rows, reason or "chosen on the map"),
            help="Leave out all rows in the region.",
        )
        st.button(
            f"Keep {len(rows):,}",
            icon=":material/check:",
            key="clean_map_keep",
            on_click=decisions.keep,
            args=(dataset, rows, "looked at on the map"),
            help="Keep all rows in the region.",
        )
    label_bar.show(dataset, rows, "clean_map_label", why=reason or "chosen on the map", shortcuts=False)
    shown = gallery.paged(rows, "clean_map_page", per_page=20)
    marks = dict(zip(rows.tolist(), state.tolist(), strict=True))
    words = {1: " · left out", -1: " · kept", 2: " · relabelled", 3: " · don't know", 0: ""}
    colours = class_colours(dataset.class_names)
    gallery.show(
        [
            gallery.Card(
                (dataset.images[row],),
                dataset.class_names[dataset.labels[row]],
                formatting.row(dataset, row) + words[marks[int(row)]],
                colours[dataset.class_names[dataset.labels[row]]],
                f"{dataset.class_names[dataset.labels[row]]}, row {row:,}",
            )
            for row in shown
        ],
        "Images of the chosen region",
        width=84,
    )
