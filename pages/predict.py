"""Predict: what the chosen run says of a person's own images, and when not to believe it."""

import streamlit as st

from bcc.evaluation.calibration.temperature import calibration_of
from bcc.evaluation.predictions.warnings_table import proposed_threshold
from pages.parts.app import frame
from pages.parts.context import chosen
from pages.parts.predict import image_input, results
from pages.parts.text import errors, formatting
from pages.parts.widgets import no_run

frame.require()

st.title("Predict")
summary = chosen.run()
# What it is sure of, and when to warn, is measured on its answers.
if summary is None or not summary.has_model or not summary.run.predictions.exists():
    no_run.show(summary, "predict")
    st.stop()
run = summary.run
st.subheader(formatting.plain(summary.title), anchor=False)
st.warning(
    "For learning and research. This is not a medical device: do not decide anything about a patient by it.",
    icon=":material/health_and_safety:",
)
with errors.shown():
    handed = image_input.show(run)
    if not handed:
        st.caption(
            "Each image should show one cell, in the middle. Images stay in the memory of this app "
            "until you remove them or it ends; they are never written to disk. The address of this page "
            "leads back to them."
        )
        st.stop()
    results.show_problems(handed)
    if not any(one.image is not None for one in handed):
        st.stop()
    calibration = calibration_of(run)
    proposed, why = proposed_threshold(run, calibration)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        making = image_input.preprocessing(run, handed)
        below = st.slider(
            "Warn below (%)",
            50.0, 100.0, round(100 * proposed, 1), 0.1,
            format="%.1f",
            key=f"warn_below:{run.id}",
            persist_state="session",
            width=260,
            help=f"Predictions with a lower confidence get a warning. {why}",
        )  # fmt: skip
        method = results.choose_method()
    results.show(run, handed, making, calibration, below / 100, method)
