"""Deleted runs: restored with one click, or permanently removed after a question."""

from __future__ import annotations

import streamlit as st

from bcc import jobs
from bcc.advice import command
from bcc.paths import printable
from bcc.trash import Discarded
from pages.parts.state import links
from pages.parts.text import errors, formatting

_LAST = "trash.last"
"""Where the session keeps what it deleted last."""
_SHOWN = 50
"""Lines at most; the newest come first."""


def remember(one: Discarded) -> None:
    """Offer to take this one back at the head of the page."""
    st.session_state[_LAST] = one


def just_deleted() -> None:
    """The offer, as long as it holds."""
    one = st.session_state.get(_LAST)
    if one is None:
        return
    if not one.path.exists():
        del st.session_state[_LAST]
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f":material/delete: **{formatting.plain(printable(one.name))}** is in the trash.", width="content"
        )
        st.button(
            "Undo",
            icon=":material/undo:",
            key="undo_delete",
            on_click=_take_back,
            args=(one,),
            help="Restore the run.",
        )


def show() -> None:
    """All that is in the trash."""
    there = jobs.deleted()
    if not there:
        return
    with st.expander(f"Trash · {len(there):,}", icon=":material/delete:"):
        for number, one in enumerate(there[:_SHOWN]):
            with st.container(horizontal=True, vertical_alignment="center"):
                when = f"{one.when.astimezone():%-d %B, %H:%M}"
                st.markdown(
                    f"**{formatting.plain(printable(one.name))}** :gray[deleted {when}]", width="stretch"
                )
                st.button(
                    "Restore",
                    icon=":material/undo:",
                    key=f"take_back:{number}:{one.path.parent.name}",
                    on_click=_take_back,
                    args=(one,),
                    help="Restores the run.",
                )
        if len(there) > _SHOWN:
            st.caption(f"And {len(there) - _SHOWN:,} older ones: {command('restore')}")
        if st.button(
            "Empty the trash",
            icon=":material/delete_forever:",
            key="empty_trash",
            help="Permanently removes these runs. Asks first.",
        ):
            _confirm()


@st.dialog("Empty the trash?", icon=":material/delete_forever:")
def _confirm() -> None:
    there = jobs.deleted()
    size = sum(one.bytes for one in there)
    st.markdown(
        f"{len(there):,} run{'s' if len(there) != 1 else ''}, {formatting.size(size)}, permanently removed."
    )
    with st.container(horizontal=True):
        if st.button(
            "Remove permanently",
            type="primary",
            key="confirm_empty",
            on_click=_empty,
            help="This cannot be undone.",
        ):
            st.rerun()
        if st.button("Keep them", key="keep_trash", help="Nothing happens."):
            st.rerun()


def _take_back(one: Discarded) -> None:
    with errors.shown(stop=False):
        run = jobs.restore(one)
        links.choose(run=run.id)


def _empty() -> None:
    with errors.shown(stop=False):
        jobs.empty_trash()
