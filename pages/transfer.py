"""Other laboratory: can the chosen run be believed on cells from elsewhere?"""

from functools import partial

import streamlit as st

from bcc.datasets import Dataset
from bcc.evaluation.predictions.out_of_distribution import ood_detector_of
from bcc.runs import Run
from bcc.transfer import Transfer, measure_transfer
from pages.parts.app import frame
from pages.parts.background import waiting
from pages.parts.context import chosen
from pages.parts.state import links, loaders
from pages.parts.text import errors, formatting
from pages.parts.transfer import results, steps
from pages.parts.widgets import no_run

frame.require()


def measure(report: waiting.Report, run: Run, dataset: Dataset) -> Transfer:
    """Score the run there and measure the images; its familiarity is fitted once."""
    extract = loaders.features_of(run)
    familiarity = ood_detector_of(run, extract, lambda share, text: report(0.3 * share, text))
    return measure_transfer(
        run, dataset, extract, familiarity, lambda share, text: report(0.3 + 0.7 * share, text)
    )


st.title("Other laboratory")
summary = chosen.run()
if summary is None or not summary.has_model:
    no_run.show(summary, "transfer")
    st.stop()
run = summary.run
st.subheader(formatting.plain(summary.title), anchor=False)
st.caption(
    "A run is scored here on labelled cells from elsewhere, next to its own test images and never mixed with "
    "them, and what differs between the images is measured."
)
data = chosen.dataset()
if data is None:
    st.stop()
if data.fingerprint == run.read_json(run.dataset).get("fingerprint"):
    st.info(
        "The dataset in the sidebar is the run's own. Choose one from another laboratory there, or open "
        "it on the Data page.",
        icon=":material/info:",
    )
    links.link("data", "Open a dataset", ":material/grid_view:")
    st.stop()
st.markdown(f"On **{formatting.plain(data.source)}**")


with errors.shown():
    found = waiting.result_of(
        ("transfer", *run.model_version, data.fingerprint, data.class_names),
        f"Predicting {data.source}",
        partial(measure, run=run, dataset=data),
        stop="stop_transfer",
    )
results.scores(found)
for note in found.notes:
    st.caption(formatting.plain(note))
results.differences(found)
steps.show(run, data)
results.classes(found)
results.sheets(run, found, data)
