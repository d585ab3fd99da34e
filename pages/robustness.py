"""Robustness: how much of its accuracy the chosen run keeps when images are distorted more and more."""

from typing import Literal

import pandas as pd
import streamlit as st

from bcc.evaluation.robustness.benchmark import SAMPLE, robustness, saved_robustness
from bcc.evaluation.robustness.strength_curve import Cancelled
from bcc.figures import robustness_map
from pages.parts.app import frame
from pages.parts.background import long_work
from pages.parts.context import chosen, run_predictions
from pages.parts.state import tensorflow_loading
from pages.parts.text import errors, formatting
from pages.parts.widgets import columns, downloads, ink, no_run

frame.require()

st.title("Robustness")
summary = chosen.run()
if summary is None or not summary.has_model:
    no_run.show(summary, "robustness")
    st.stop()
run = summary.run
st.subheader(formatting.plain(run.id), anchor=False)
st.caption(
    "Twelve distortions at five strengths: geometry, colour, stain, optics, hiding. Seeds and strengths are "
    "fixed, so that numbers on the same images compare between runs."
)
with errors.shown():
    with st.container(horizontal=True, gap="large"):
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
            "for a small network on two cores; all of a larger set take as many times longer.",
        )
    data = elsewhere or chosen.data_of(run)
    rows: int | Literal["all"] = "all" if everything == "all" else SAMPLE
    result = saved_robustness(run, data, rows)

key = ("robustness", *run.model_version, data.fingerprint, rows)

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
        help="Goes on when you leave the page; the result is kept with the run.",
    ):

        def measure(report: long_work.Report, called_off: long_work.CalledOffYet) -> None:
            tensorflow_loading.tensorflow()
            robustness(run, data, rows, report, called_off)

        long_work.start(key, measure, (Cancelled,))
        st.rerun()
    st.stop()

long_work.forget(key)
with st.grid(4, min_column_width=130):
    st.metric(
        "Distorted, mean", f"{result.mean:.1%}", border=True, help="Over all distortions and strengths."
    )
    st.metric("As they are", f"{result.clean:.1%}", border=True, help="Accuracy on the same images.")
    st.metric(
        "Lost", f"{100 * result.drop:.1f} points", border=True, help="Clean accuracy minus the mean above."
    )
    st.metric("Images", f"{result.n:,}", border=True, help="Each at every distortion and strength.")
if elsewhere is None:
    for note in run_predictions.about_split(run, run_predictions.scored_splits(run)[0]):
        st.caption(formatting.plain(note))
drawn = robustness_map(result.frame(), result.clean)
st.plotly_chart(ink.inked(drawn), key="robustness_map", alt="Accuracy of each distortion and strength")
downloads.both(drawn, result.frame(), "robustness")

st.subheader("Beside other runs", anchor=False)
with errors.shown(stop=False):
    lines = []
    for one in chosen.to_ask().values():
        if one.has_model and (found := saved_robustness(one.run, data, rows)) is not None:
            by_name = found.frame().groupby("distortion", sort=False)["accuracy"].mean()
            lines.append(
                {"run": one.run.id, "clean": found.clean, "mean": found.mean, "drop": found.drop, **by_name}
            )
    table = pd.DataFrame(lines)
    share = columns.share(90)
    st.dataframe(
        table,
        hide_index=True,
        key="robustness_runs",
        height="content",
        alt="Runs that were measured on the same images",
        column_config={
            "run": st.column_config.TextColumn("Run", pinned=True, width=215),
            "clean": st.column_config.NumberColumn("As they are", **share),
            "mean": st.column_config.NumberColumn("Mean", **share, help="Over all distortions."),
            "drop": st.column_config.NumberColumn("Lost", **share, help="As they are, minus the mean."),
            **{name: st.column_config.NumberColumn(name, **share) for name in table if name not in
               ("run", "clean", "mean", "drop")},
        },
    )  # fmt: skip
    downloads.table(table, "robustness_of_runs")
    st.caption("Runs that were measured on the same sample of this data set. Choose another one on the left.")
