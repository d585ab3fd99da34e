"""What a search found so far: its way up, what mattered, all its runs; go on, or stop it."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from bcc.advice import command
from bcc.errors import UserError
from bcc.figures import field_importance, parallel_runs, search_history, what_if_answer
from bcc.jobs.search import (
    Search,
    begin_search,
    best_run,
    importance,
    is_conducted,
    read_search,
    saved_searches,
    search_table,
    stage_of,
    start_conductor,
    stop_search,
)
from bcc.runs import RunSummary
from pages.parts.run.search_form import SEARCH
from pages.parts.state import links
from pages.parts.text import errors, formatting
from pages.parts.widgets import beside, columns, downloads

_PROBLEM = "search.problem"
_PICTURES = ("all fields", "one field")


def show(runs: dict[str, RunSummary]) -> None:
    """Choose a search and see what it found; nothing where there is none."""
    names = saved_searches()
    if not names:
        return
    st.subheader("Searches", anchor=False)
    problem = st.session_state.pop(_PROBLEM, None)
    if problem:
        st.error(formatting.plain(problem), icon=":material/error:")
    name = st.selectbox(
        "Search",
        names,
        key=SEARCH,
        bind="query-params",
        width=420,
        format_func=formatting.plain,
        help=f"Begun on the Train page, under the form, or with `{command('sweep')}`.",
    )
    with errors.shown(stop=False):
        _one(read_search(name), runs)


def _one(search: Search, runs: dict[str, RunSummary]) -> None:
    table = search_table(search)
    st.caption(formatting.plain(stage_of(search, table)))
    at_work = is_conducted(search.name)
    with st.container(horizontal=True, vertical_alignment="center"):
        if at_work:
            st.button(
                "Stop the search",
                icon=":material/stop:",
                key="search_stop",
                on_click=stop_search,
                args=(search.name,),
                help="No further runs are begun; those in the queue go on. It can go on later.",
            )
        else:
            st.button(
                "Go on" if len(table) < search.runs else "Ten more runs",
                icon=":material/play_arrow:",
                key="search_go_on",
                on_click=_go_on,
                args=(search, len(table)),
                help="From where it is, with everything that it has learned.",
            )
        best = best_run(table)
        if best in runs:
            links.link(
                "metrics",
                "The best run",
                ":material/monitoring:",
                help="How good it is, class by class.",
                run=best,
            )
            links.link(
                "train",
                "Train like the best",
                ":material/model_training:",
                help="The form with its settings: choose the run under 'Start from' there.",
                run=best,
            )
    if table.empty:
        st.info("No run has been begun yet.", icon=":material/hourglass:")
        return
    _pictures(search, table)
    _runs(search, table)


def _pictures(search: Search, table: pd.DataFrame) -> None:
    left, right = beside.two(440)
    with left:
        drawn = search_history(table)
        st.plotly_chart(
            drawn, key="search_history", alt="Validation accuracy of each run, and the best so far"
        )
        downloads.both(drawn, table, "search_runs")
    with right:
        found = importance(search)
        drawn = field_importance(found)
        st.plotly_chart(
            drawn, key="search_importance", alt="Share of the differences that each field explains"
        )
        if found is not None:
            downloads.both(drawn, found, "search_importance")
    fields = [one.field for one in search.dimensions]
    how = st.segmented_control(
        "Show",
        _PICTURES,
        default=_PICTURES[0],
        required=True,
        key="search_picture",
        help="All fields as upright axes, a line per run; or one field against the accuracy.",
    )
    if how == _PICTURES[0]:
        st.plotly_chart(
            parallel_runs(table[[*fields, "validation_accuracy"]]),
            key="search_parallel",
            alt="Values of all fields, a line per run, coloured by validation accuracy",
        )
        return
    field = st.selectbox("Field", fields, key="search_field", width=320, help="Along the axis.")
    st.plotly_chart(
        what_if_answer(table.assign(seed=0), field),
        key="search_slice",
        alt=f"Validation accuracy of each run against {field}",
    )


def _runs(search: Search, table: pd.DataFrame) -> None:
    st.dataframe(
        formatting.table(table.sort_values("validation_accuracy", ascending=False)),
        hide_index=True,
        key="search_table",
        placeholder="–",
        height=320,
        alt="All runs of the search, the best first",
        column_config={
            "number": st.column_config.NumberColumn("Run", **columns.count(56)),
            "validation_accuracy": st.column_config.NumberColumn("Validation", **columns.share(90)),
            "best_so_far": None,
            "epochs": st.column_config.NumberColumn("Epochs", **columns.count(68)),
            "state": st.column_config.TextColumn("State", width=110),
            "seconds": st.column_config.NumberColumn("Time", format="%.0f s", width=70),
            "run": st.column_config.TextColumn("Id"),
            "why": st.column_config.TextColumn("Why it failed"),
        },
    )


def _go_on(search: Search, used: int) -> None:
    try:
        more = used + 10 if used >= search.runs else search.runs
        begin_search(search.model_copy(update={"runs": more}))
        start_conductor(search.name)
    except UserError as error:
        st.session_state[_PROBLEM] = str(error)
