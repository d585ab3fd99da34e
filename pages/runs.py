"""Runs: all of them in a table, what can be done with one, and several side by side."""

import streamlit as st

from bcc.runs.table import runs_table
from pages.parts.app import frame
from pages.parts.context import chosen
from pages.parts.run import actions, trash
from pages.parts.runs import filters, queue, run_watch, search_results, side_by_side, sweep_results, table
from pages.parts.state import links

frame.require()
NEWEST = 8

st.title("Runs")
trash.just_deleted()
runs = chosen.runs()
if not runs:
    trash.show()
    st.info(
        "There are no runs yet. Start one on the Train page, or the quick one on Home.",
        icon=":material/info:",
    )
    links.link("train", "Go to Train", ":material/model_training:")
    st.stop()

run_watch.follow(runs)
queue.show()
shown = filters.show(list(runs.values()))
if shown:
    table.show(runs_table(shown))
else:
    st.info("No run matches this filter.", icon=":material/filter_alt_off:")
picked = [runs[one] for one in table.selected() if one in runs]
if len(picked) == 1:
    actions.show(picked[0], filters.known_tags(list(runs.values())))
elif not picked:
    st.caption(
        "Select a row to open, follow, rename, stop or delete the run; select several to compare them."
    )

compared = picked if len(picked) > 1 else shown[:NEWEST]
if compared:
    st.subheader("Side by side", anchor=False)
    if len(picked) < 2:
        st.caption(f"The newest runs of the table, up to {NEWEST}; select some to compare those.")
    side_by_side.show(compared)

search_results.show(runs)
sweep_results.show(list(runs.values()))
trash.show()
