"""What brings the run back on the other set: a ladder of steps, tried on request."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial

import pandas as pd
import streamlit as st

from bcc.datasets import Dataset
from bcc.evaluation.predictions.out_of_distribution import ood_detector_of
from bcc.figures import score_intervals
from bcc.runs import Run
from bcc.transfer import Ladder, climb
from pages.parts.background import waiting
from pages.parts.state import loaders
from pages.parts.text import errors, formatting
from pages.parts.widgets import columns, downloads


def show(run: Run, data: Dataset) -> None:
    """Draw the button, or the ladder that was climbed."""
    st.subheader("What brings it back", anchor=False)
    key = ("ladder", *run.model_version, data.fingerprint, data.class_names)
    if not waiting.is_known(key):
        st.caption(
            "Scale, white balance and stain matched to the run's images, features re-standardised, several "
            "views, and what a few labelled cells add. Every step is scored on the same cells; the run is "
            "not changed."
        )
        if not st.button(
            "Try the steps",
            icon=":material/stairs:",
            key="climb",
            help="About a minute for a thousand cells and a small network on two cores.",
        ):
            return
    with errors.shown(stop=False):
        found = waiting.result_of(
            key, "Trying the steps", partial(_climb, run=run, dataset=data), stop="stop_climb"
        )
        _ladder(found)


def _climb(report: waiting.Report, run: Run, dataset: Dataset) -> Ladder:
    familiarity = ood_detector_of(run, loaders.features_of(run))
    return climb(run, dataset, loaders.model_of(run).model, familiarity, progress=report)


def _ladder(found: Ladder) -> None:
    table = pd.DataFrame([asdict(one) for one in found.rungs])
    drawn = score_intervals(
        table.rename(columns={"title": "class", "accuracy": "value", "n": "support"}), "Accuracy"
    )
    st.plotly_chart(drawn, key="ladder", alt="Accuracy after each step, with its interval")
    share = columns.share(84)
    st.dataframe(
        table,
        hide_index=True,
        key="ladder_table",
        height="content",
        alt="Scores after each step",
        column_order=[
            "title", "accuracy", "low", "high", "macro_f1", "calibration_error", "labels", "n",
        ],
        column_config={
            "title": st.column_config.TextColumn("Step", width=300, pinned=True),
            "accuracy": st.column_config.NumberColumn("Accuracy", **share),
            "low": st.column_config.NumberColumn(
                "from", **share, help="Lower end of the 95 % interval; where cells were drawn, of the draws."
            ),
            "high": st.column_config.NumberColumn("to", **share, help="Upper end of it."),
            "macro_f1": st.column_config.NumberColumn("Macro F1", **share),
            "calibration_error": st.column_config.NumberColumn(
                "Calibration", format="%.3f", width=88, help="The gap between confidence and accuracy."
            ),
            "labels": st.column_config.NumberColumn(
                "Labels", format="localized", width=64, help="Labelled cells that the step needs."
            ),
            "n": st.column_config.NumberColumn("Images", format="localized", width=70),
        },
    )  # fmt: skip
    downloads.both(drawn, table, "steps")
    for note in found.notes:
        st.caption(formatting.plain(note))
