"""Runs: all of them in a table, what can be done with one, and several side by side."""

import streamlit as st

from bcc.runs.table import runs_table
from pages.parts import (
    chosen,
    compare_runs,
    frame,
    links,
    queue_panel,
    run_actions,
    run_filter,
    run_table,
    run_watch,
    trash_panel,
    what_if_answer,
)

frame.require()
NEWEST = 8

st.title("Runs")
trash_panel.just_deleted()
runs = chosen.runs()
if not runs:
    trash_panel.show()
    st.info(
        "There are no runs yet. Start one on the Train page, or the quick one on Home.",
        icon=":material/info:",
    )
    links.link("train", "Go to Train", ":material/model_training:")
    st.stop()

run_watch.follow(runs)
queue_panel.show()
shown = run_filter.show(list(runs.values()))
if shown:
    run_table.show(runs_table(shown))
else:
    st.info("No run fits this filter.", icon=":material/filter_alt_off:")
picked = [runs[one] for one in run_table.selected() if one in runs]
if len(picked) == 1:
    run_actions.show(picked[0], run_filter.known_tags(list(runs.values())))
elif not picked:
    st.caption("Select a line to open, follow, name, stop or delete the run; select several to compare them.")

side_by_side = picked if len(picked) > 1 else shown[:NEWEST]
if side_by_side:
    st.subheader("Side by side", anchor=False)
    if len(picked) < 2:
        st.caption(f"The newest runs of the table, up to {NEWEST}; select some to compare those.")
    compare_runs.show(side_by_side)

what_if_answer.show(list(runs.values()))
trash_panel.show()
