"""Put the run of a form in line once, however often the button is pressed in a hurry."""

from __future__ import annotations

import time

import streamlit as st

from bcc.jobs import new_run_id, submit
from bcc.runs import Run
from bcc.training import TrainConfig

_HURRY = 3.0
"""Seconds within which a second press means the same run."""


def launch(config: TrainConfig) -> Run:
    """Submit a config; a second press within a moment gives the run of the first.

    Raises:
        UserError: the run directory cannot be made, or the disk is full.
    """
    before = st.session_state.get("launched")
    now = time.monotonic()
    if before is None or before[0] != config or now - before[2] > _HURRY:
        # The name is settled first: a press that interrupts this one finds it and submits nothing new.
        before = st.session_state["launched"] = (config, new_run_id(config), now)
    return submit(config, run_id=before[1])
