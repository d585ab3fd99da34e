"""Runs: all of them in a table; what can be done with the chosen one."""

import streamlit as st

from bcc.figures import run_curves
from bcc.runs.table import runs_table
from pages.parts import chosen, frame, links, run_actions, run_table

frame.require()
NEWEST = 8

st.title("Runs")
runs = chosen.runs()
if not runs:
    st.info(
        "There are no runs yet. Start one on the Train page, or the quick one on Home.",
        icon=":material/info:",
    )
    links.link("train", "Go to Train", ":material/model_training:")
    st.stop()

run_table.show(runs_table(list(runs.values())), chosen_id=st.query_params.get(links.RUN))
summary = chosen.run()
if summary is None:
    st.caption("Select a line to open, follow, stop or delete the run.")
else:
    run_actions.show(summary)

st.subheader("Side by side", anchor=False)
st.caption(f"Validation accuracy of the newest runs, up to {NEWEST}.")
histories = {run_id: one.run.read_history() for run_id, one in list(runs.items())[:NEWEST]}
st.plotly_chart(
    run_curves(histories), key="run_curves", alt="Validation accuracy of each run, epoch by epoch"
)
