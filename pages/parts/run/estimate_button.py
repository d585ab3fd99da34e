"""What a run will take, measured on this machine before it is launched."""

from __future__ import annotations

import streamlit as st

from bcc.training import TrainConfig
from bcc.training.estimate import Estimate, estimate
from pages.parts.text import errors, formatting


def button(config: TrainConfig, key: str, runs: int = 1) -> None:
    """A button that measures, and beside it what came out, as long as the config is the same.

    Args:
        config: of the run, or of one of several alike.
        key: of the button.
        runs: how many.
    """
    pressed = st.button(
        "How long will it take?",
        icon=":material/timer:",
        key=f"estimate:{key}",
        type="tertiary",
        help="Runs a few training steps in a separate process and estimates time, memory and disk from "
        "them. Takes seconds for a small model, a minute for a large one.",
    )
    kept = st.session_state.get(f"estimated:{key}")
    if pressed:
        with errors.shown(stop=False), st.spinner("Measuring a few steps"):
            kept = st.session_state[f"estimated:{key}"] = (config, estimate(config))
    if kept is not None and kept[0] == config:
        _say(kept[1], runs)


def _say(found: Estimate, runs: int) -> None:
    for warning in found.warnings:
        st.warning(formatting.plain(warning), icon=":material/warning:")
    if not found.phases:
        return
    each = formatting.duration(found.seconds)
    took = each if runs == 1 else f"{formatting.duration(found.seconds * runs)} for {runs} runs, {each} each"
    st.caption(
        f"About {took} · {formatting.size(found.memory_bytes)} memory · "
        f"{formatting.size(found.disk_bytes * runs)} disk"
    )
