"""A run while it trains, and how it ended, read from its directory: whoever started it, and wherever.

Only the part that changes runs again, once a second; the page runs again when the run ends.
"""

from __future__ import annotations

import streamlit as st

from bcc import jobs
from bcc.evaluation.against_baseline import against_baseline
from bcc.figures import batch_curve, training_curves
from bcc.runs import ALIVE, Run, RunState
from bcc.runs.table import thinned
from bcc.training import read_config
from pages.parts import errors, links, warm, words


def show(run: Run) -> None:
    """Follow a run, or say how it ended."""
    with errors.shown():
        state = run.read_state()
    if state.status in ALIVE:
        _follow(run)
    else:
        _outcome(run, state)


@st.fragment(run_every=1.0)
def _follow(run: Run) -> None:
    with errors.shown():
        state = run.read_state()
    if state.status not in ALIVE:
        st.rerun()
    if state.status == "running" and state.step > 0:
        warm.behind_the_scenes()
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        _title(run, state)
        st.button(
            "Stop",
            icon=":material/stop_circle:",
            key="stop_run",
            disabled=state.status == "stopping",
            on_click=jobs.stop,
            args=(run,),
            help="It ends after the step that it is at, keeps the best weights and scores them. It can go "
            "on later.",
        )
    st.progress(state.step / state.steps if state.steps else 0.0, state.stage or "Starting")
    _numbers(state)
    _curves(run)
    _log(run, "the log")


def _outcome(run: Run, state: RunState) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        _title(run, state)
        with st.container(horizontal=True, width="content"):
            if run.metrics.exists():
                links.link("metrics", "Metrics", ":material/monitoring:")
                links.link("saliency", "Saliency", ":material/center_focus_strong:")
    if state.message:
        show = st.error if state.status in ("failed", "lost") else st.info
        show(words.plain(state.message))
    verdict(run)
    if state.status != "finished":
        _ways_on(run)
    if run.history.exists():
        _numbers(state)
        _curves(run)
    _log(run, "the log", expanded=state.status == "failed" and not run.history.exists())


def verdict(run: Run) -> None:
    """The run beside the linear model, in one sentence; nothing before it is scored."""
    if not run.metrics.exists():
        return
    with errors.shown(stop=False):
        judged = against_baseline(run.read_json(run.metrics))
        if judged is None:
            st.caption("The linear model beside this run has not been scored.")
        elif judged.below:
            st.warning(judged.sentence, icon=":material/trending_down:")
        else:
            st.success(judged.sentence, icon=":material/check:")


def _ways_on(run: Run) -> None:
    """Buttons for a run that did not reach its end."""
    with errors.shown(stop=False), st.container(horizontal=True):
        config = read_config(run.config)
        if st.button(
            "Go on",
            icon=":material/resume:",
            key="resume_run",
            help="Goes on after the last epoch that was saved, or from the beginning where none was.",
        ):
            jobs.resume(run)
            st.rerun()
        if config.weights == "imagenet" and st.button(
            "Train from nothing",
            icon=":material/restart_alt:",
            key="train_from_nothing",
            help="A new run with the same settings, but without ImageNet weights, which need a network once.",
        ):
            links.choose(run=jobs.submit(config.model_copy(update={"weights": "none"})).id)
            st.rerun()


def _title(run: Run, state: RunState) -> None:
    icon, colour = words.STATUS[state.status]
    with st.container(horizontal=True, vertical_alignment="center", width="content"):
        st.subheader(words.plain(run.id), anchor=False, width="content")
        st.badge(state.status, icon=icon, color=colour)


def _numbers(state: RunState) -> None:
    speed = f"{state.images_per_second:,.0f}" if state.images_per_second else "–"
    with st.grid(4, min_column_width=130):
        st.metric("Epoch", f"{state.epoch} of {state.epochs}", border=True, help="Epochs done.")
        st.metric("Pictures per second", speed, border=True, help="Training speed over the last steps.")
        if state.status in ALIVE:
            left = words.duration(state.seconds_left)
            st.metric("Time left", left, border=True, help="A guess from the speed; scoring comes on top.")
        else:
            took = words.duration(state.updated - state.created)
            st.metric("Took", took, border=True, help="From the click to the end, pauses included.")
        st.metric(
            "Best validation",
            words.percent(state.best_validation_accuracy),
            border=True,
            help="Best accuracy on the validation pictures so far; the weights of that epoch are kept.",
        )


def _curves(run: Run) -> None:
    # Only the open tab is drawn, since this happens every second.
    epochs, batches = st.tabs(["Per epoch", "Per batch"], key="curve_tab", on_change="rerun")
    if epochs.open:
        curves = training_curves(run.read_history())
        epochs.plotly_chart(curves, key="epoch_curves", alt="Loss and accuracy, epoch by epoch")
    if batches.open:
        curves = batch_curve(thinned(run.read_batches()))
        batches.plotly_chart(curves, key="batch_curves", alt="Loss and accuracy, batch by batch")


def _log(run: Run, label: str, expanded: bool = False) -> None:
    with st.expander(f"Last lines of {label}", icon=":material/subject:", expanded=expanded, key="log"):
        st.code(
            run.tail(run.log, 14) or run.tail(run.console, 14) or "Nothing yet.",
            language=None,
        )
