"""What is chosen, as the URL says: one dataset by fingerprint, one run by id. Never a path."""

from __future__ import annotations

import streamlit as st

from bcc.datasets import CachedSet, Dataset, cached_sets
from bcc.runs import Run, RunSummary, list_runs, shipped_runs, summarise
from pages.parts.background import built_in_dataset
from pages.parts.state import links, loaders
from pages.parts.text import errors, formatting


def sets() -> dict[str, CachedSet]:
    """The sets on this machine, newest first, by fingerprint."""
    return {one.fingerprint: one for one in cached_sets()}


def runs() -> dict[str, RunSummary]:
    """The runs on this machine, newest first, by id."""
    return {one.run.id: one for one in list_runs()}


def to_ask() -> dict[str, RunSummary]:
    """All runs that can be asked about images: those on this machine, and the model that ships."""
    own = runs()
    return own | {one.id: summarise(one) for one in shipped_runs() if one.id not in own}


def ensure_data() -> None:
    """Put the built-in set into the URL where no set is named; not before it is painted."""
    if not st.query_params.get(links.DATA) and (found := built_in_dataset.fingerprint()) is not None:
        links.choose(data=found)


def dataset(needed: bool = True) -> Dataset | None:
    """The chosen set; `None`, and a sentence, where the URL names one that is not here.

    Args:
        needed: whether this place shows it, and so says how far the built-in one is while it is painted.
    """
    fingerprint = st.query_params.get(links.DATA, "")
    if not fingerprint:
        if needed:
            built_in_dataset.show()
        return None
    known = sets().get(fingerprint)
    if known is None:
        st.warning(
            f"The link names the dataset '{formatting.plain(fingerprint[:40])}', "
            "which is not on this machine: "
            "open it on the Data page, or choose another one on the left.",
            icon=":material/link_off:",
        )
        return None
    with errors.shown():
        return loaders.dataset(known.fingerprint, known.class_names, known.when)


def run() -> RunSummary | None:
    """The chosen run; `None` where none is chosen, with a sentence where the URL names an unknown one."""
    run_id = st.query_params.get(links.RUN, "")
    known = to_ask().get(run_id)
    if run_id and known is None:
        st.warning(
            f"The link names the run '{formatting.plain(run_id[:60])}', which is not on this machine: choose "
            "another one on the left.",
            icon=":material/link_off:",
        )
    return known


def data_of(run: Run) -> Dataset:
    """The data that a run was trained on.

    Raises:
        UserError: it is not here any more.
    """
    from bcc.evaluation.run_dataset import own_data

    return loaders.cached(("own data", run.id, run.dataset.stat().st_mtime), lambda: own_data(run))
