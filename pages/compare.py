"""Compare: runs beside each other on the same images, and whether they are better together."""

import streamlit as st

from bcc.evaluation.comparison import compare, side_by_side
from bcc.figures import score_intervals
from bcc.runs import is_shipped
from pages.parts.app import frame
from pages.parts.compare import head_to_head, predictors
from pages.parts.context import chosen, run_predictions
from pages.parts.state import links, loaders
from pages.parts.text import errors, formatting
from pages.parts.widgets import columns, downloads, no_run

frame.require()

st.title("Compare")
summary = chosen.run()
if summary is None or not summary.has_model or not summary.run.predictions.exists():
    no_run.show(summary, "compare")
    st.stop()
run = summary.run
st.subheader(formatting.plain(summary.title), anchor=False)
with errors.shown():
    classes = set(run.class_names)
others = {
    one.run.id: one
    for one in chosen.to_ask().values()
    if one.has_model
    and one.state
    and one.run.id != run.id
    and (not is_shipped(one.run) or set(one.run.class_names) == classes)
}
if not others:
    st.info(
        "There is no other run to compare with this one: train another. Until then, this run can be "
        "compared with its own test-time augmentation.",
        icon=":material/info:",
    )
    links.link("train", "Train another", ":material/model_training:")
names = st.multiselect(
    "Compare with",
    list(others),
    key="with",
    bind="query-params",
    persist_state="session",
    placeholder="Choose runs" if others else "No other runs",
    disabled=not others,
    help="Runs with the same classes. They are scored on images that none of them was trained on.",
)
with errors.shown():
    with st.container(horizontal=True, gap="large"):
        elsewhere = run_predictions.where(run)
        together = predictors.choose_together() if names else []
        views = predictors.choose_views()
    data = elsewhere or chosen.data_of(run)
    runs = [run, *(others[name].run for name in names)]
    predictions = predictors.predict(runs, data, together, views)
for note in dict.fromkeys(note for one in predictions for note in one.notes):
    st.caption(formatting.plain(note))

table = side_by_side(predictions)
drawn = score_intervals(
    table.rename(columns={"by": "class", "accuracy": "value", "n": "support"}), "Accuracy"
)
st.plotly_chart(drawn, key="accuracies", alt="Accuracy of each with its interval")
share = columns.share(76)
st.dataframe(
    table,
    hide_index=True,
    key="contestants",
    height="content",
    alt="Scores of each",
    column_config={
        "by": st.column_config.TextColumn("Who", pinned=True, width=212),
        "accuracy": st.column_config.NumberColumn("Accuracy", **share),
        "low": st.column_config.NumberColumn(
            "from", format="percent", width=70, help="Lower end of the 95 % interval."
        ),
        "high": st.column_config.NumberColumn(
            "to", format="percent", width=70, help="Upper end of the 95 % interval."
        ),
        "balanced_accuracy": st.column_config.NumberColumn("Balanced", **share),
        "macro_f1": st.column_config.NumberColumn("Macro F1", **share),
        "log_loss": st.column_config.NumberColumn("Log loss", format="%.4f", width=74),
        "calibration_error": st.column_config.NumberColumn(
            "Calibration",
            format="%.4f",
            width=88,
            help="Calibration error: the gap between confidence and accuracy.",
        ),
        "n": st.column_config.NumberColumn("Images", format="localized", width=70),
    },
)
downloads.both(drawn, table, "side_by_side")

if len(predictions) < 2:
    st.info("Choose another run, or several views for this one, to see differences.", icon=":material/info:")
    st.stop()
st.subheader("One against another", anchor=False)
who = [one.by for one in predictions]
with st.container(horizontal=True):
    first = st.selectbox("First", who, 0, key="first", help="Differences are the second minus the first.")
    second = st.selectbox(
        "Second", [name for name in who if name != first], key="second", help="The other one."
    )
pair = [predictions[who.index(name)] for name in (first, second)]
key = ("duel", *(id(one) for one in pair))
result = loaders.cached(key, lambda: (compare(pair[0], pair[1]), pair))[0]
head_to_head.show(result, data)
