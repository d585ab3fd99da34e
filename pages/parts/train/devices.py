"""What there is to train on, how busy it is, and what waits for it."""

from __future__ import annotations

import streamlit as st

from bcc import jobs
from bcc.paths import runs_folder
from pages.parts.text import formatting


@st.fragment(run_every=4.0)
def show() -> None:
    """One line a device."""
    held = jobs.at_work(runs_folder())
    names = {name: run.id for run, job in held.items() for name in job.devices}
    with st.container(border=True, gap="xsmall"):
        for device in jobs.devices():
            icon = ":material/developer_board:" if device.is_gpu else ":material/memory:"
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(f"{icon} **{formatting.plain(device.label)}**", width="content")
                if device.name in names:
                    st.badge("training", icon=":material/play_circle:", color="blue", width="content")
                else:
                    st.badge("free", icon=":material/check_circle:", color="green", width="content")
                load = "" if device.load is None else f" · {device.load:.0%} busy"
                memory = (
                    f"{formatting.size(device.memory_used)} of {formatting.size(device.memory)} memory in use"
                )
                st.caption(f"{memory}{load}", width="content")
