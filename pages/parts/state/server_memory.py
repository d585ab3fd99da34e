"""Unsaved work of a person (recipes, images) in the server's memory; it survives leaving or reloading a page.

Each value is stored under a token that nobody can guess. The session remembers the token while the person
visits other pages, the address of the page remembers it across a reload. Nothing is written to disk.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from typing import Any

import streamlit as st

MOST = 64
MOST_BYTES = 1_000_000_000
"""Limits for all values of all people together; the oldest values are dropped first."""


def read(name: str) -> Any:
    """Return this person's value of this name, or `None` where there is none (any more).

    The token is put into the address, so that a reload finds the value again.
    """
    token = _token(name)
    if not token:
        return None
    things, lock = _things()
    with lock:
        found = things.get((name, token))
        if found is not None:
            things.move_to_end((name, token))
    st.session_state[_place(name)] = token
    if st.query_params.get(name) != token:
        st.query_params[name] = token
    return None if found is None else found[0]


def is_lost(name: str) -> bool:
    """Whether this person had a value of this name that was dropped or belonged to an earlier server."""
    return bool(st.session_state.get(_place(name))) and read(name) is None


def write(name: str, thing: Any, size: int = 0) -> None:
    """Store a value in place of the previous one.

    Args:
        name: of the query parameter that gets the token.
        thing: the value; it must not be changed afterwards.
        size: approximate size in bytes.
    """
    things, lock = _things()
    token = _token(name)
    with lock:
        # A token that was never issued may have been invented by the sender of a link.
        if token is None or (name, token) not in things:
            token = secrets.token_urlsafe(9)
        things[name, token] = (thing, size)
        things.move_to_end((name, token))
        while len(things) > 1 and (len(things) > MOST or sum(one[1] for one in things.values()) > MOST_BYTES):
            things.popitem(last=False)
    st.session_state[_place(name)] = token
    st.query_params[name] = token


def forget(name: str) -> None:
    """Drop this person's value of this name."""
    token = _token(name)
    things, lock = _things()
    if token is not None:
        with lock:
            things.pop((name, token), None)
    st.session_state.pop(_place(name), None)
    st.query_params.pop(name, None)


def _token(name: str) -> str | None:
    """The token in the address, else that of the session."""
    return st.query_params.get(name) or st.session_state.get(_place(name)) or None


def _place(name: str) -> str:
    return f"kept:{name}"


@st.cache_resource(show_spinner=False)
def _things() -> tuple[OrderedDict[tuple[str, str], tuple[Any, int]], threading.Lock]:
    return OrderedDict(), threading.Lock()
