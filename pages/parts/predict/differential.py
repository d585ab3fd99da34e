"""The differential of the images at hand: counts per class, corrected by a reviewer, on one page to take
away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import streamlit as st

from bcc.csv_tables import table_text
from bcc.evaluation.calibration.temperature import Calibration
from bcc.evaluation.count_images import fates, measured_confusion
from bcc.evaluation.differential import OTHERS, Differential, count_cells
from bcc.evaluation.predictions.predict_images import Predicted
from bcc.evaluation.reports.differential_report import differential_report
from bcc.runs import Run
from pages.parts.text import errors, formatting
from pages.parts.widgets import columns, gallery


@st.fragment
def show(
    run: Run,
    files: Sequence[str],
    images: np.ndarray,
    probabilities: np.ndarray,
    calibration: Calibration,
    unsure_below: float,
    strange: np.ndarray | None,
    held: np.ndarray,
) -> None:
    """Draw the section.

    Args:
        run: who answered.
        files: name of each image.
        images: uint8 (N, H, W, 3).
        probabilities: float (N, K), calibrated.
        calibration: of the run.
        unsure_below: confidence below which a cell counts as unsure.
        strange: bool (N,), unlike the training set; `None` where that is not known.
        held: bool (N,), whether a cell was found.
    """
    st.subheader("Differential count", anchor=False)
    names = run.class_names
    found = Predicted(probabilities, names, tuple(files), (), (), held)
    table = fates(found, probabilities, unsure_below, strange, {})
    with errors.shown(stop=False):
        corrections = _review(run, table, images, names)
        counted = count_cells(
            probabilities,
            names,
            unsure_below=unsure_below,
            strange=strange,
            held=held,
            corrections=corrections,
            confusion=measured_confusion(run, calibration, unsure_below),
        )
        _table(counted)
        _take_along(run, counted, len(files))


def _review(run: Run, table: pd.DataFrame, images: np.ndarray, names: tuple[str, ...]) -> dict[int, str]:
    """Let a person correct what each image counts as; returns the corrections by place."""
    known: dict[str, str] = st.session_state.get("count.corrections", {})
    marks = [_mark(image) for image in images]
    with st.expander("Review and correct", icon=":material/fact_check:"):
        only = st.selectbox(
            "Show",
            ["all", *names, *OTHERS],
            key="count_only",
            format_func=formatting.plain,
            width=220,
            help="Only images that count as this.",
        )
        chosen = table if only == "all" else table[table["class"] == only]
        frame = pd.DataFrame(
            {
                "image": [gallery.image_uri(images[place]) for place in chosen.index],
                "file": chosen["file"],
                "counts as": [known.get(marks[at], name) for at, name in chosen["class"].items()],
                "probability": chosen["probability"],
            },
            index=chosen.index,
        )
        key = f"count_review:{run.id}:{only}"
        edited = st.data_editor(
            frame,
            hide_index=True,
            key=key,
            disabled=["image", "file", "probability"],
            column_config={
                "image": st.column_config.ImageColumn("Image", width="small"),
                "file": "File",
                "counts as": st.column_config.SelectboxColumn(
                    "Counts as",
                    options=[*names, *OTHERS],
                    required=True,
                    help="Choose another class to correct it.",
                ),
                "probability": st.column_config.NumberColumn("Confidence", **columns.share()),
            },
        )
    known = corrected(known, marks, table["class"], edited["counts as"])
    st.session_state["count.corrections"] = known
    return {at: known[mark] for at, mark in enumerate(marks) if mark in known}


def corrected(
    known: Mapping[str, str], marks: Sequence[str], said: pd.Series, shown: pd.Series
) -> dict[str, str]:
    """The corrections after a person has edited a table; an image back at what the run says has none.

    Args:
        known: mark of an image -> class, what was corrected before.
        marks: of all images.
        said: what each image counts as by the run.
        shown: what the images in view count as now, by place.
    """
    after = dict(known)
    for at, name in shown.items():
        if name == said[at]:
            after.pop(marks[at], None)
        else:
            after[marks[at]] = str(name)
    return after


def _mark(image: np.ndarray) -> str:
    """What tells an image from others, also when more are added."""
    return str(hash(image.tobytes()))


def _table(counted: Differential) -> None:
    column = st.column_config
    st.dataframe(
        formatting.table(counted.table),
        hide_index=True,
        height="content",
        key="count_table",
        alt="Cells per class with their shares and intervals",
        column_config={
            "class": "Class",
            "count": column.NumberColumn("Cells", **columns.count()),
            "share": column.NumberColumn("Share", **columns.share(), help="Of all counted cells."),
            "low": column.NumberColumn(
                "From", **columns.share(), help="95 % interval of the share (Wilson)."
            ),
            "high": column.NumberColumn("To", **columns.share(), help="95 % interval of the share (Wilson)."),
            "share_of_leukocytes": column.NumberColumn("Of leukocytes", **columns.share()),
            "adjusted": column.NumberColumn(
                "Adjusted", **columns.number("%.1f"), help="Cells, corrected for the run's known confusion."
            ),
            "adjusted_share": column.NumberColumn("Adjusted share", **columns.share()),
            "adjusted_low": column.NumberColumn("From ", **columns.share(), help="95 % interval."),
            "adjusted_high": column.NumberColumn("To ", **columns.share(), help="95 % interval."),
        },
    )
    others = " · ".join(f"{name}: {number:,}" for name, number in counted.others.items())
    st.caption(f"{counted.counted:,} of {counted.total:,} images counted · {others}")
    if counted.erythroblasts_per_100 is not None:
        st.caption(f"Erythroblasts per 100 leukocytes: {counted.erythroblasts_per_100:.1f}")
    for note in counted.notes:
        st.caption(formatting.plain(note))


def _take_along(run: Run, counted: Differential, images: int) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        reviewer = st.text_input(
            "Reviewer", key="count_reviewer", max_chars=80, width=200, help="Stands on the report."
        )
        notes = st.text_input("Notes", key="count_notes", max_chars=500, help="Stand on the report.")
        st.download_button(
            "Report",
            lambda: differential_report(
                counted, run=run.id, images=f"{images:,} images", reviewer=reviewer, notes=notes
            ).encode(),
            "differential.html",
            "text/html",
            icon=":material/description:",
            key="count_report",
            on_click="ignore",
            help="One page to print; it says that it is no medical device.",
        )
        st.download_button(
            "CSV",
            lambda: table_text(counted.table, "%.6f").encode(),
            "differential.csv",
            "text/csv",
            icon=":material/download:",
            key="count_csv",
            on_click="ignore",
            help="The counts as a table.",
        )
