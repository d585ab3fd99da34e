"""Several runs side by side: curves, settings with their differences, parallel coordinates, final scores."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from bcc.errors import UserError
from bcc.evaluation.predictions.sample_predictions import of_split
from bcc.evaluation.rows import scored_splits
from bcc.figures import parallel_runs, run_curves
from bcc.jobs.config_table import as_points, configs_side_by_side
from bcc.runs import Run, RunSummary
from pages.parts.text import errors, formatting

_COLUMNS = {
    "validation_accuracy": "validation accuracy",
    "validation_loss": "validation loss",
    "accuracy": "training accuracy",
    "loss": "training loss",
}
_MARK = "background-color: rgba(224, 164, 40, 0.20)"
"""Behind values that differ; reads on light and dark."""


def show(summaries: Sequence[RunSummary]) -> None:
    """Draw the tabs; only the open one runs."""
    titles = [one.title for one in summaries]
    # A name may be given twice; then the end of the id tells the runs apart.
    names = {
        one.run.id: one.title if titles.count(one.title) == 1 else f"{one.title} · {one.run.id[-4:]}"
        for one in summaries
    }
    tabs = st.tabs(
        ["Curves", "Settings", "Parallel", "Final scores"], key="side", on_change="rerun", bind="query-params"
    )
    curves, settings, parallel, final = tabs
    if curves.open:
        with curves:
            _curves(summaries, names)
    if settings.open:
        with settings:
            _settings(summaries, names)
    if parallel.open:
        with parallel:
            st.plotly_chart(
                parallel_runs(as_points(summaries)),
                key="parallel",
                alt="Settings that differ and the validation accuracy, a line a run",
            )
    if final.open:
        with final:
            _final(summaries, names)


def _curves(summaries: Sequence[RunSummary], names: dict[str, str]) -> None:
    column = st.segmented_control(
        "Figure",
        list(_COLUMNS),
        default="validation_accuracy",
        required=True,
        key="curve",
        bind="query-params",
        format_func=_COLUMNS.__getitem__,
        help="What to draw, epoch by epoch.",
    )
    histories = {}
    for one in summaries:
        # A damaged history is told of; the others are drawn.
        with errors.shown(stop=False):
            histories[names[one.run.id]] = one.run.read_history()
    st.plotly_chart(run_curves(histories, column), key="run_curves", alt=f"{_COLUMNS[column]} of each run")


def _settings(summaries: Sequence[RunSummary], names: dict[str, str]) -> None:
    table = configs_side_by_side([one.run for one in summaries]).rename(columns=names)
    everything = st.toggle(
        "Include identical settings", key="all_settings", help="Differing settings are highlighted."
    )
    if not everything:
        table = table[table["differs"]]
    if table.empty:
        st.info("These runs have the same settings.", icon=":material/info:")
        return
    differs = table.pop("differs")
    marked = table.style.apply(
        lambda line: [_MARK if differs[line.name] else ""] * len(line), axis=1, subset=list(names.values())
    )
    st.dataframe(
        marked,
        hide_index=True,
        key="settings",
        height="content" if len(table) < 20 else 600,
        alt="Settings of each run; those that differ are marked",
        column_config={"field": st.column_config.TextColumn("Field", pinned=True)},
    )


def _final(summaries: Sequence[RunSummary], names: dict[str, str]) -> None:
    lines, missing = [], []
    for one in summaries:
        try:
            lines.append({"run": names[one.run.id], **_scores(one.run, _changed(one.run))})
        except UserError:
            missing.append(names[one.run.id])
    if lines:
        column = st.column_config
        st.dataframe(
            pd.DataFrame(lines),
            hide_index=True,
            key="final",
            height="content",
            alt="Final scores of each run with their intervals",
            column_config={
                "run": column.TextColumn("Run", pinned=True),
                "split": column.TextColumn("On", width=80, help="The images that it was scored on."),
                "pictures": column.NumberColumn("Images", format="localized", width=80),
                "accuracy": column.TextColumn("Accuracy", help="With the 95 % interval."),
                "macro_f1": column.TextColumn("Macro F1", help="With the 95 % interval."),
                "balanced_accuracy": column.TextColumn("Balanced", help="With the 95 % interval."),
            },
        )
        st.caption(
            "In brackets: the range that the score may have on many more images of the same kind (95 % "
            "intervals). If the intervals of two runs overlap a lot, the difference may be chance."
        )
    if missing:
        st.caption(f"Not scored yet: {formatting.plain(', '.join(missing))}.")


@st.cache_data(max_entries=64, show_spinner="Counting")
def _scores_of(folder: str, changed: float, _run: Run) -> dict[str, object]:
    scored = of_split(_run, scored_splits(_run)[0])
    table = scored.measured.overall.set_index("measure")
    found: dict[str, object] = {"split": scored.split, "pictures": len(scored.rows)}
    for name in ("accuracy", "macro_f1", "balanced_accuracy"):
        if name in table.index:
            line = table.loc[name]
            found[name] = f"{line['value']:.1%}  ({line['low']:.1%} – {line['high']:.1%})"
    return found


def _scores(run: Run, changed: float) -> dict[str, object]:
    return _scores_of(str(run.folder), changed, run)


def _changed(run: Run) -> float:
    return run.predictions.stat().st_mtime if run.predictions.exists() else 0.0
