"""What a run says of every image of the chosen dataset: computed in the background, then there at once."""

from __future__ import annotations

import streamlit as st

from bcc.datasets import Dataset
from bcc.evaluation.predictions.set_answers import SetAnswers, answers_on, stored_answers
from bcc.runs import Run, RunSummary, shipped_runs, summarise
from pages.parts.background import long_work
from pages.parts.context import chosen
from pages.parts.state import loaders
from pages.parts.text import formatting


def judge() -> RunSummary | None:
    """The chosen run where it has a model, else the model that ships; `None` where there is neither."""
    summary = chosen.run()
    if summary is not None and summary.has_model:
        return summary
    return next((summarise(run) for run in shipped_runs()), None)


def known(run: Run, dataset: Dataset) -> SetAnswers | None:
    """The answers, where they have been computed."""
    key = _key(run, dataset)
    if loaders.is_cached(key):
        return loaders.cached(key, lambda: None)
    found = stored_answers(run, dataset)
    return None if found is None else loaders.cached(key, lambda: found)


def ask(run: Run, dataset: Dataset, key: str, why: str) -> SetAnswers | None:
    """Return the answers; where they are not known, offer to compute them, or show how far that is.

    Args:
        run: a run with a model.
        dataset: the set.
        key: of the buttons.
        why: what they are needed for, a sentence.
    """
    found = known(run, dataset)
    if found is not None:
        return found
    work = ("answers", *_key(run, dataset)[1:])
    if long_work.under_way(work, f"{key}:cancel"):
        return None
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(why, width="content")
        if st.button(
            f"Ask {formatting.plain(run.id)}",
            icon=":material/neurology:",
            key=f"{key}:ask",
            help=f"Shows all {len(dataset):,} images to the run once, about 300 per second on two cores; the "
            "answers are stored beside the dataset.",
        ):
            long_work.start(work, lambda report, called_off: _work_out(run, dataset, report, called_off))
            st.rerun()
    return None


def _work_out(
    run: Run, dataset: Dataset, report: long_work.Report, called_off: long_work.CalledOffYet
) -> SetAnswers:
    report(0.0, "Loading TensorFlow and the model")
    return answers_on(run, dataset, loaders.features_of(run), long_work.stopping(report, called_off))


def _key(run: Run, dataset: Dataset) -> tuple[str, str, float, str]:
    return ("set answers", run.id, run.model.stat().st_mtime, dataset.fingerprint)
