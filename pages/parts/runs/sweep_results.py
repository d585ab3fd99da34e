"""The answer to a what-if, put together from the runs on disk: one figure and a table."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from bcc.advice import command
from bcc.figures import what_if_answer
from bcc.jobs import answer, over_seeds, questions, varied_fields
from bcc.runs import ALIVE, RunSummary
from pages.parts.run.sweep_form import WHAT_IF
from pages.parts.widgets import columns


def show(summaries: Sequence[RunSummary]) -> None:
    """Choose a question and see what came out so far; nothing where none was asked."""
    asked = questions(summaries)
    if not asked:
        return
    st.subheader("What if?", anchor=False)
    names = list(asked)
    name = st.selectbox(
        "Question",
        names,
        key=WHAT_IF,
        bind="query-params",
        width=420,
        help=f"Asked on the Train page, under the form, or with `{command('what-if')}`.",
    )
    runs = asked[name]
    table = answer(runs)
    fields = varied_fields(table)
    left = sum(1 for one in runs if one.state is not None and one.state.status in ALIVE)
    st.caption(
        f"{len(runs)} runs"
        + (f", {left} of them unfinished; results so far." if left else ".")
        + " Each dot is a run; the line connects the means, the band spans lowest to highest."
    )
    first = fields[0]
    if len(fields) == 2:
        first = st.segmented_control(
            "Along the axis",
            fields,
            default=fields[0],
            required=True,
            key="along",
            help="The other is colour.",
        )
    second = next((one for one in fields if one != first), None)
    st.plotly_chart(
        what_if_answer(table, first, second),
        key="what_if_figure",
        alt="Validation accuracy of each run against the value that was tried",
    )
    column = st.column_config
    share = columns.share(bounded=True)
    st.dataframe(
        over_seeds(table),
        hide_index=True,
        key="what_if_table",
        placeholder="–",
        height="content",
        alt="Validation accuracy of each combination of values, over the seeds",
        column_config={
            "runs": column.NumberColumn("Runs", help="With a figure so far."),
            "mean": column.NumberColumn(
                "Validation", **share, help="Mean over the seeds of the best accuracy."
            ),
            "lowest": column.NumberColumn("Lowest", **share),
            "highest": column.NumberColumn("Highest", **share),
            "deviation": column.NumberColumn("Std. dev.", **share, help="Over the seeds; needs two or more."),
            "accuracy": column.NumberColumn("Final", **share, help="Mean accuracy of the final models."),
            "scored_on": column.TextColumn(
                "On", width=80, help="The images that the final accuracy is about."
            ),
        },
    )
