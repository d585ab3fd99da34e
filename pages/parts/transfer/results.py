"""What was found on another set: scores beside those at home, differences, classes, confusion, images."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pandas as pd
import streamlit as st

from bcc.datasets import Dataset
from bcc.evaluation.class_matching import match_classes
from bcc.figures import confusion
from bcc.figures.colours import class_colours
from bcc.runs import Run, is_shipped
from bcc.transfer import Scores, Transfer
from pages.parts.context import chosen
from pages.parts.text import errors, formatting
from pages.parts.widgets import columns, downloads, gallery, ink

SHEET = 2
"""Images per class on a contact sheet."""


def scores(found: Transfer) -> None:
    """Draw the numbers at the top, each with its value at home."""
    there, home = found.there, found.home
    with st.grid(5, min_column_width=150):
        for name, title, help in (
            (
                "accuracy",
                "Accuracy",
                "Share of images classified correctly, over the classes that both have.",
            ),
            ("macro_f1", "Macro F1", "Mean F1 over classes."),
        ):
            value, low, high = there.overall[name]
            st.metric(
                title,
                f"{value:.1%}",
                None if home is None else f"{100 * (value - home.overall[name][0]):+.1f} points",
                border=True,
                help=f"{help} 95 % interval: {low:.1%} to {high:.1%}.{_at_home(home, name)}",
            )
        st.metric(
            "Calibration error",
            f"{there.calibration_error:.3f}",
            border=True,
            help="The gap between confidence and accuracy."
            + ("" if home is None else f" At home: {home.calibration_error:.3f}."),
        )
        st.metric(
            "Unfamiliar",
            "–" if there.unfamiliar is None else f"{there.unfamiliar:.1%}",
            border=True,
            help="Share of images unlike all training images of the run; about 1 % at home.",
        )
        st.metric("Images", f"{there.n:,}", border=True, help="Labelled images of shared classes.")


def _at_home(home: Scores | None, name: str) -> str:
    if home is None:
        return ""
    value, low, high = home.overall[name]
    return f" On {home.source}: {value:.1%} ({low:.1%} to {high:.1%}), {home.n:,} images."


def differences(found: Transfer) -> None:
    """Draw what differs between the images."""
    st.subheader("What differs between the images", anchor=False)
    if found.differences is None:
        st.caption("The run's own images are not on this machine, so nothing can be compared.")
        return
    for one in sorted(found.differences, key=lambda one: not one.notable):
        icon = ":material/priority_high:" if one.notable else ":material/check:"
        st.markdown(f"{icon} **{one.name.capitalize()}**: {one.sentence} :gray[{one.here} → {one.there}]")
    st.caption("Marked: beyond what the run's own images show among themselves. In grey: at home → there.")
    downloads.table(pd.DataFrame([asdict(one) for one in found.differences]), "differences")


def classes(found: Transfer) -> None:
    """Draw the scores per class and the confusion matrix."""
    st.subheader("Per class", anchor=False)
    table = found.per_class()
    share = columns.share(90)
    st.dataframe(
        table,
        hide_index=True,
        key="transfer_classes",
        height="content",
        alt="Precision, recall and F1 per class on the other set",
        column_config={
            "class": st.column_config.TextColumn("Class", width=190, pinned=True),
            "precision": st.column_config.NumberColumn("Precision", **share),
            "recall": st.column_config.NumberColumn("Recall", **share),
            "f1": st.column_config.NumberColumn("F1", **share),
            "support": st.column_config.NumberColumn("Images", format="localized", width=80),
            "predicted": st.column_config.NumberColumn("Predicted", format="localized", width=80),
        },
    )
    downloads.table(table, "per_class_there")
    drawn = confusion(found.predictions.matrix)
    st.plotly_chart(ink.inked(drawn), key="transfer_confusion", alt="Confusion matrix on the other set")


def sheets(run: Run, found: Transfer, data: Dataset) -> None:
    """Draw images of both sets, class by class."""
    st.subheader("Images of both", anchor=False)
    st.caption("There")
    _sheet(data, run, found.shared, "Images of the other set")
    if is_shipped(run):
        st.caption("The photographs that the shipped model was trained on are not part of BCC.")
        return
    with errors.shown(stop=False):
        st.caption("At home")
        _sheet(chosen.data_of(run), run, found.shared, "Images that the run was trained on")


def _sheet(data: Dataset, run: Run, shared: tuple[str, ...], label: str) -> None:
    colours = class_colours(shared)
    labels = match_classes(data.class_names, run.class_names).labels(data.labels)
    cards = []
    for name in shared:
        rows = np.flatnonzero(labels == run.class_names.index(name))
        for row in rows[:: max(len(rows) // SHEET, 1)][:SHEET]:
            cards.append(
                gallery.Card(
                    (np.asarray(data.images[row]),),
                    name,
                    formatting.row(data, int(row)),
                    colours[name],
                    f"{name}, row {row} of {data.source}",
                )
            )
    gallery.show(cards, label, columns=2 * len(shared) if len(shared) < 5 else len(shared))
