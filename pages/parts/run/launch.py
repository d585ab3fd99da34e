"""Put the run of a form in line once, however often the button is pressed in a hurry."""

from __future__ import annotations

import time

import streamlit as st

from bcc.jobs import new_run_id, submit
from bcc.runs import About, Run
from bcc.specs import check
from bcc.training import TrainConfig
from bcc.training.config.short_name import short_name

_HURRY = 3.0
"""Seconds within which a second press means the same run."""


def launch(config: TrainConfig, name: str = "") -> Run:
    """Submit a config; a second press within a moment gives the run of the first.

    Args:
        config: what to train.
        name: of the run; what is special about it where nobody gave one.

    Raises:
        UserError: the run directory cannot be made, or the disk is full.
    """
    before = st.session_state.get("launched")
    now = time.monotonic()
    if before is None or before[0] != config or now - before[2] > _HURRY:
        # The name is settled first: a press that interrupts this one finds it and submits nothing new.
        before = st.session_state["launched"] = (config, new_run_id(config), now)
    said = check(About, {"name": name.strip() or short_name(config)}, "the run")
    return submit(config, about=said, run_id=before[1])
