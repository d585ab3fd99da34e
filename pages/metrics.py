"""Metrics: how often the chosen run is right, what it confuses, and its surest mistakes."""

import streamlit as st

from bcc.figures import confusion, per_class_bars, training_curves
from pages.parts import chosen, errors, frame, live, mistake_gallery, no_run, score_table, scored, words

frame.require()
MODES = {"counts": "pictures", "rows": "share of the true class", "columns": "share of the predicted class"}

st.title("Metrics")
summary = chosen.run()
if summary is None or not summary.run.predictions.exists():
    no_run.show(summary, "metrics")
    st.stop()
run = summary.run
st.subheader(words.plain(run.id), anchor=False)
with errors.shown():
    with st.container(horizontal=True, gap="large"):
        elsewhere = scored.where(run)
        answers = scored.own(run) if elsewhere is None else None
    if elsewhere is not None:
        with st.spinner("Loading TensorFlow and the model"):
            answers = scored.other(run, elsewhere)
st.caption(
    f"{summary.model} trained on {words.plain(summary.source)}"
    + (
        ", which is synthetic: painted cells, not photographs."
        if summary.source.startswith("synthetic")
        else "."
    )
)
for note in answers.notes:
    st.info(words.plain(note), icon=":material/info:")
if elsewhere is None:
    live.verdict(run)

overall = answers.overall
with st.grid(4, min_column_width=130):
    st.metric(
        "Accuracy", f"{overall['accuracy']:.1%}", border=True, help="Share of the pictures called right."
    )
    st.metric(
        "Macro F1",
        f"{overall['macro_f1']:.1%}",
        border=True,
        help="Mean of the classes' F1: rare ones count as much.",
    )
    st.metric(
        "Balanced accuracy",
        f"{overall['balanced_accuracy']:.1%}",
        border=True,
        help="Mean recall of the classes.",
    )
    st.metric("Pictures", f"{overall['n']:,}", border=True, help=f"Which: {answers.what}.")

st.subheader("Confusion matrix", anchor=False)
mode = st.segmented_control(
    "Numbers",
    list(MODES),
    default="counts",
    format_func=MODES.get,
    required=True,
    key="matrix",
    help="Counts, or shares: along a line the diagonal is recall, down a column it is precision.",
)
st.plotly_chart(
    confusion(answers.matrix, mode),
    key="confusion",
    alt="Confusion matrix: true classes down, predicted across",
)

st.subheader("Classes", anchor=False)
bars, table = st.columns([4, 5], gap="medium")
with bars:
    metric = st.segmented_control(
        "Score",
        ["f1", "precision", "recall"],
        default="f1",
        format_func={"f1": "F1", "precision": "precision", "recall": "recall"}.get,
        required=True,
        key="score",
        help="Precision: of what was called so, how much is. Recall: of what is, how much was found. F1: "
        "both.",
    )
    st.plotly_chart(
        per_class_bars(answers.classes, metric), key="class_scores", alt=f"{metric} of each class"
    )
with table:
    score_table.show(answers.classes)

st.subheader("Surest mistakes", anchor=False)
with errors.shown(stop=False):
    mistake_gallery.show(answers.mistakes, elsewhere or chosen.data_of(run))

st.subheader("Training", anchor=False)
st.plotly_chart(
    training_curves(run.read_history(), baseline=summary.baseline),
    key="curves",
    alt="Loss and accuracy of training and validation, epoch by epoch",
)
