"""Robustness: how much of its accuracy the chosen run keeps when images are distorted."""

from typing import Any, Literal

import streamlit as st

from bcc.evaluation.robustness.chained import CHAINED
from bcc.evaluation.robustness.laboratories import SUITE as LABORATORIES
from bcc.evaluation.robustness.single_distortions import SAMPLE, SINGLE
from bcc.evaluation.robustness.strength_curve import Cancelled
from bcc.evaluation.robustness.suite import Suite
from pages.parts.app import frame
from pages.parts.background import long_work
from pages.parts.context import chosen, run_predictions
from pages.parts.robustness import several, single
from pages.parts.state import tensorflow_loading
from pages.parts.text import errors, formatting
from pages.parts.widgets import no_run

frame.require()

SUITES: dict[str, tuple[Suite[Any], str]] = {
    "single": (
        SINGLE,
        "Twelve distortions at five strengths, one at a time: geometry, colour, stain, optics, hiding.",
    ),
    "chained": (
        CHAINED,
        "One to four consecutive distortions of each image, as images from elsewhere differ in several "
        "ways at once.",
    ),
    "laboratories": (
        LABORATORIES,
        "Ten made-up laboratories: other light, dyes, microscopes and cameras.",
    ),
}

st.title("Robustness")
summary = chosen.run()
if summary is None or not summary.has_model:
    no_run.show(summary, "robustness")
    st.stop()
run = summary.run
st.subheader(formatting.plain(summary.title), anchor=False)
with errors.shown():
    with st.container(horizontal=True, gap="large"):
        name = st.segmented_control(
            "Suite",
            list(SUITES),
            default="single",
            required=True,
            key="suite",
            bind="query-params",
            help="What is done to the images. Seeds and strengths are fixed, so that numbers on the same "
            "images compare between runs.",
        )
        elsewhere = run_predictions.where(run)
        everything = st.segmented_control(
            "Sample",
            [str(SAMPLE), "all"],
            default=str(SAMPLE),
            format_func=lambda one: "all images" if one == "all" else f"up to {one}",
            required=True,
            key="sample",
            bind="query-params",
            help=f"{SAMPLE} images, drawn by class (or all, where there are fewer), take a minute or two "
            "for a small network on two cores; all images of a larger dataset take proportionally longer.",
        )
    suite, about = SUITES[name]
    st.caption(about)
    data = elsewhere or chosen.data_of(run)
    rows: int | Literal["all"] = "all" if everything == "all" else SAMPLE
    result = suite.saved(run, data, rows)

key = ("robustness", name, *run.model_version, data.fingerprint, rows)

if result is None:
    if long_work.under_way(key, "cancel_robustness"):
        st.stop()
    work = long_work.find(key)
    if work is None or not work.problem:
        st.info("Not measured yet for this model and these images.", icon=":material/info:")
    if st.button(
        "Measure",
        type="primary",
        icon=":material/play_arrow:",
        key="measure_robustness",
        help="Continues when you leave the page; the result is saved with the run.",
    ):

        def measure(report: long_work.Report, called_off: long_work.CalledOffYet) -> None:
            tensorflow_loading.tensorflow()
            suite.of_run(run, data, rows, report, called_off)

        long_work.start(key, measure, (Cancelled,))
        st.rerun()
    st.stop()

long_work.forget(key)
with st.grid(4, min_column_width=130):
    if name == "single":
        single.summary(result)
    elif name == "chained":
        several.chained_summary(result)
    else:
        several.laboratories_summary(result)
if elsewhere is None:
    for note in run_predictions.about_split(run, run_predictions.scored_splits(run)[0]):
        st.caption(formatting.plain(note))
if name == "single":
    single.details(result, data, rows)
elif name == "chained":
    several.chained_details(result)
else:
    several.laboratories_details(result)
