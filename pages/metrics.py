"""Metrics: how often the chosen run is right, how sure one can be of that, what it confuses, and where."""

import streamlit as st

from bcc.datasets import Dataset
from bcc.errors import UserError
from bcc.evaluation.run_dataset import files_of_run
from bcc.figures import training_curves
from bcc.runs import is_shipped
from pages.parts.app import frame
from pages.parts.context import chosen, run_predictions
from pages.parts.metrics import confidence, confusion, curves, export, images, scores
from pages.parts.run import progress
from pages.parts.state import links
from pages.parts.text import errors, formatting
from pages.parts.widgets import downloads, no_run

frame.require()
links.rename("section", {"Sureness": "Confidence", "Take along": "Export"})
SECTIONS = ["Confusion", "Scores", "Curves", "Confidence", "Images", "Training", "Export"]

st.title("Metrics")
summary = chosen.run()
if summary is None or not summary.run.predictions.exists():
    no_run.show(summary, "metrics")
    st.stop()
run = summary.run
st.subheader(formatting.plain(summary.title), anchor=False)
with errors.shown():
    with st.container(horizontal=True, gap="large"):
        elsewhere = run_predictions.where(run, images=False)
        if elsewhere is None:
            predictions = run_predictions.own(run)
    if elsewhere is not None:
        with st.spinner("Loading TensorFlow and the model"):
            predictions = run_predictions.other(run, elsewhere)
if about := formatting.about_run(summary):
    st.caption(about)
for note in predictions.notes:
    st.info(formatting.plain(note), icon=":material/info:")
if elsewhere is None:
    progress.verdict(run)

overall = predictions.overall
with st.grid(4, min_column_width=130):
    st.metric(
        "Accuracy", f"{overall['accuracy']:.1%}", border=True, help="Share of images classified correctly."
    )
    st.metric(
        "Macro F1",
        f"{overall['macro_f1']:.1%}",
        border=True,
        help="Mean F1 over classes: rare classes count as much as common ones.",
    )
    st.metric(
        "Balanced accuracy",
        f"{overall['balanced_accuracy']:.1%}",
        border=True,
        help="Mean recall over classes.",
    )
    st.metric("Images", f"{overall['n']:,}", border=True, help=f"Which: {predictions.split}.")

try:
    data: Dataset | None = elsewhere or chosen.data_of(run)
except UserError as gone:
    data = None
    if is_shipped(run):
        st.caption(formatting.plain(str(gone)))
    else:
        st.error(formatting.plain(str(gone)), icon=":material/error:")

# Only the open section runs.
tabs = dict(zip(SECTIONS, st.tabs(SECTIONS, key="section", bind="query-params"), strict=True))
with tabs["Confusion"]:
    if tabs["Confusion"].open:
        confusion.show(predictions, data)
with tabs["Scores"]:
    if tabs["Scores"].open:
        scores.show(predictions, data)
with tabs["Curves"]:
    if tabs["Curves"].open:
        curves.show(predictions)
with tabs["Confidence"], errors.shown(stop=False):
    if tabs["Confidence"].open:
        confidence.show(run, predictions)
with tabs["Images"]:
    if tabs["Images"].open:
        images.show(predictions, data)
with tabs["Training"]:
    if tabs["Training"].open:
        with errors.shown():
            history = run.read_history()
        drawn = training_curves(history, baseline=summary.baseline)
        st.plotly_chart(drawn, key="curves", alt="Training and validation loss and accuracy per epoch")
        downloads.both(drawn, history, "training_curves")
with tabs["Export"]:
    if tabs["Export"].open:
        export.show(run, predictions, data.files if data is not None else files_of_run(run))
