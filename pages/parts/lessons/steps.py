"""The steps of a lesson: what to do, the page it is done on, the question, and whether it was done."""

from __future__ import annotations

import streamlit as st

from bcc.datasets import cached_sets, load
from bcc.datasets.dataset import PAINTED
from bcc.lessons import Lesson, Outcome, Step, outcome
from pages.parts.background import long_work
from pages.parts.context import chosen
from pages.parts.state import links
from pages.parts.text import formatting

NEWEST = "newest"
"""As a run in a link: the newest finished one; `newest:NAME` is the newest that was trained on that
dataset."""


def show(lesson: Lesson, for_teacher: bool) -> None:
    """Draw all steps, those that can be checked with their state."""
    outcomes = [None if step.check is None else outcome(step.check) for step in lesson.steps]
    known = [one for one in outcomes if one is not None]
    if known:
        done = sum(one.done for one in known)
        st.progress(done / len(known), f"{done} of {len(known)} checks done on this machine")
    for place, (step, found) in enumerate(zip(lesson.steps, outcomes, strict=True), 1):
        with st.container(border=True):
            _step(lesson, place, step, found, for_teacher)


def _step(lesson: Lesson, place: int, step: Step, found: Outcome | None, for_teacher: bool) -> None:
    icon = ":material/radio_button_unchecked:" if found is not None and not found.done else ""
    if found is not None and found.done:
        icon = ":material/check_circle:"
    st.markdown(f"{icon} **{place}. {formatting.plain(step.title)}**")
    if step.text:
        # Text of a file that somebody put there by hand; Streamlit's Markdown runs no HTML.
        st.markdown(step.text)
    if step.page:
        _open(lesson, place, step)
    if step.question:
        st.markdown(f":material/help: *{formatting.plain(step.question)}*")
    if step.answer:
        with st.expander("Compare your answer", icon=":material/visibility:"):
            st.markdown(formatting.plain(step.answer))
    if step.note and for_teacher:
        st.info(formatting.plain(step.note), icon=":material/school:")
    if found is not None:
        st.caption(formatting.plain(found.sentence))


def _open(lesson: Lesson, place: int, step: Step) -> None:
    """Draw the link to the page of a step, or what is missing for it."""
    if step.page not in links.PAGES:
        st.warning(
            f"This step opens the page '{formatting.plain(step.page)}', which there is not: there are "
            f"{', '.join(links.PAGES)}.",
            icon=":material/link_off:",
        )
        return
    changes: dict[str, str | list[str] | None] = {}
    for key, value in step.query:
        if key == links.DATA:
            fingerprint = next(
                (one.fingerprint for one in cached_sets() if value in (one.location, one.fingerprint)), ""
            )
            if not fingerprint:
                _missing(value, f"{lesson.name}:{place}")
                return
            changes[key] = fingerprint
        elif key == links.RUN and value.partition(":")[0] == NEWEST:
            changes[key] = newest_run(value.partition(":")[2])
        else:
            before = changes.get(key)
            changes[key] = (
                value if before is None else [*(before if isinstance(before, list) else [before]), value]
            )
    title, icon, help = links.PAGES[step.page]
    links.link(step.page, f"Open {title}", icon, help, **changes)


def newest_run(source: str = "") -> str | None:
    """The newest run with a model, of those that were trained on a dataset where one is named."""
    for one in chosen.runs().values():
        if one.has_model and (not source or one.source == source):
            return str(one.run.id)
    return None


def _missing(source: str, key: str) -> None:
    """Offer to paint a built-in dataset that a step needs."""
    work = ("paint", source)
    if long_work.under_way(work, f"lesson_cancel:{key}"):
        return
    if source not in PAINTED:
        st.warning(
            f"This step needs the dataset '{formatting.plain(source)}': open it on the Data page.",
            icon=":material/link_off:",
        )
        return
    if st.button(
        f"Paint the dataset {source}",
        icon=":material/brush:",
        key=f"lesson_paint:{key}",
        help="This step needs it. Painting takes half a minute, once.",
    ):
        long_work.start(
            work, lambda report, called_off: load(source, progress=long_work.stopping(report, called_off))
        )
        st.rerun()
