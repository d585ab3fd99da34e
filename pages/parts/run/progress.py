"""A run while it trains, and how it ended, read from its directory: whoever started it, and wherever.

Parts that change run again by themselves, each at its own pace; the rest of the page stays as it is and
usable. When the run ends the page is drawn once more.
"""

from __future__ import annotations

from contextlib import suppress

import streamlit as st

from bcc import jobs
from bcc.errors import UserError
from bcc.evaluation.baseline import against_baseline
from bcc.figures import batch_curve, training_curves
from bcc.runs import ALIVE, Run, RunState, read_about, read_first_weights
from bcc.runs.table import thinned
from bcc.training import changed, read_config
from pages.parts.context import chosen
from pages.parts.run import actions, watched_images
from pages.parts.state import links
from pages.parts.text import errors, formatting


def show(run: Run) -> None:
    """Follow a run, or say how it ended."""
    with errors.shown():
        state = run.read_state()
    if state.status == "queued":
        _wait(run)
    elif state.status in ALIVE:
        _follow(run)
        _look(run)
        _listen(run)
    else:
        _outcome(run, state)


@st.fragment(run_every=2.0)
def _wait(run: Run) -> None:
    with errors.shown():
        state = run.read_state()
    if state.status != "queued":
        st.rerun()
    jobs.revive()
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        _title(run, state)
        st.button(
            "Remove from the queue",
            icon=":material/close:",
            key="stop_run",
            on_click=actions.stop,
            args=(run,),
            help="It keeps its settings and can be queued again.",
        )
    ids = [one.id for one in jobs.waiting(run.folder.parent)]
    ahead = ids.index(run.id) if run.id in ids else 0
    st.caption(
        f"{ahead} before it in the queue."
        if ahead
        else "Next in the queue: it starts as soon as a device is free."
    )


@st.fragment(run_every=1.5)
def _follow(run: Run) -> None:
    """What changes with every step."""
    with errors.shown():
        state = run.read_state()
    if state.status not in ALIVE or state.status == "queued":
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        _title(run, state)
        with st.container(horizontal=True, width="content", gap="xsmall"):
            st.button(
                "Stop",
                icon=":material/stop_circle:",
                key="stop_run",
                disabled=state.status == "stopping",
                on_click=actions.stop,
                args=(run,),
                help="It stops after the current step, keeps the best weights and scores them. It can "
                "be resumed later.",
            )
            with st.popover(
                "Force stop",
                icon=":material/bolt:",
                type="tertiary",
                help="Ends the process immediately. Asks first.",
            ):
                st.caption("What was saved stays, and the run can be resumed from there.")
                st.button("Force stop now", key="kill_run", on_click=actions.kill, args=(run,))
    st.progress(
        state.step / state.steps if state.steps else 0.0,
        formatting.plain(state.stage) or "Starting; the first messages appear when the program is up",
    )
    _numbers(state)
    _load(run, state)


@st.fragment(run_every=4.0)
def _look(run: Run) -> None:
    """What changes with every epoch, or need not be drawn more often."""
    _first_weights(run)
    _curves(run)
    _watched(run)


@st.fragment(run_every=3.0)
def _listen(run: Run) -> None:
    _log(run)


def _outcome(run: Run, state: RunState) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        _title(run, state)
        with st.container(horizontal=True, width="content"):
            if run.metrics.exists():
                links.link("metrics", "Metrics", ":material/monitoring:")
                links.link("saliency", "Saliency", ":material/center_focus_strong:")
    if state.message:
        show = st.error if state.status in ("failed", "lost") else st.info
        show(formatting.plain(state.message))
    verdict(run)
    if state.status != "finished":
        _ways_on(run)
    if run.history.exists():
        _numbers(state)
        _first_weights(run)
        _curves(run)
        _watched(run)
    _log(run, expanded=state.status == "failed" and not run.history.exists())


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
            "Resume",
            icon=":material/resume:",
            key="resume_run",
            help="Queued again. It continues from its last checkpoint, or from the beginning if none "
            "was saved.",
        ):
            jobs.resume(run)
            st.rerun()
        if st.button(
            "Try again",
            icon=":material/replay:",
            key="retry_run",
            help="Queued again, to start from the beginning. What this run wrote is moved to the trash.",
        ):
            jobs.retry(run)
            st.rerun()
        if config.weights == "imagenet" and st.button(
            "Train from scratch",
            icon=":material/restart_alt:",
            key="train_from_nothing",
            help="A new run with the same settings, but without ImageNet weights, which need a network once.",
        ):
            links.choose(run=jobs.submit(changed(config, {"weights": "none"})).id)
            st.rerun()


def _title(run: Run, state: RunState) -> None:
    icon, colour = formatting.STATUS[state.status]
    try:
        name = read_about(run).name
    except UserError:
        name = ""
    with st.container(horizontal=True, vertical_alignment="center", width="content"):
        st.subheader(formatting.plain(name or run.id), anchor=False, width="content")
        st.badge(state.status, icon=icon, color=colour)
        if name:
            st.caption(formatting.plain(run.id), width="content")


def _numbers(state: RunState) -> None:
    speed = f"{state.images_per_second:,.0f}" if state.images_per_second else "–"
    with st.grid(4, min_column_width=130):
        st.metric("Epoch", f"{state.epoch} of {state.epochs}", border=True, help="Epochs done.")
        st.metric("Images per second", speed, border=True, help="Training speed over the last steps.")
        if state.status in ALIVE:
            left = formatting.duration(state.seconds_left)
            st.metric("Time left", left, border=True, help="Estimated from the speed; scoring comes on top.")
        else:
            # The clock may have been set back meanwhile, and nobody knows how long the shipped model took.
            took = formatting.duration(max(0.0, state.updated - state.created) or None)
            st.metric("Took", took, border=True, help="From start to end, pauses included.")
        st.metric(
            "Best validation",
            formatting.percent(state.best_validation_accuracy),
            border=True,
            help="Accuracy on the validation images after the best epoch so far, whose weights are kept.",
        )


def _load(run: Run, state: RunState) -> None:
    """Learning rate, and what the run takes of the machine, in one line."""
    parts = []
    with suppress(ValueError):
        parts.append(f"learning rate {float(run.last_batch().get('learning_rate', '')):.3g}")
    taken = jobs.usage(run, state)
    if taken is not None:
        parts += [f"memory {formatting.size(taken.memory)}", f"processor {taken.cpu:.0%}"]
        if taken.gpu_memory is not None:
            busy = "" if taken.gpu is None else f"{taken.gpu:.0%} busy, "
            parts.append(f"GPU {busy}{formatting.size(taken.gpu_memory)}")
    st.caption(" · ".join(parts) or "The process is starting.")


def _first_weights(run: Run) -> None:
    """What it started from, and which layers were left out; nothing where that was random weights."""
    try:
        first = read_first_weights(run)
    except UserError as error:
        st.caption(formatting.plain(str(error)))
        return
    if first is not None:
        st.caption(formatting.plain(first.sentence))


def _curves(run: Run) -> None:
    # Only the open tab is drawn, since this happens every few seconds.
    epochs, batches = st.tabs(["Per epoch", "Per batch"], key="curve_tab", on_change="rerun")
    with errors.shown(stop=False):
        if epochs.open:
            curves = training_curves(run.read_history())
            epochs.plotly_chart(curves, key="epoch_curves", alt="Loss and accuracy per epoch")
        if batches.open:
            curves = batch_curve(thinned(run.read_batches()))
            batches.plotly_chart(curves, key="batch_curves", alt="Loss and accuracy per batch")


def _watched(run: Run) -> None:
    """The watched images, where the data is still here."""
    try:
        watched = run.read_watched()
        dataset = chosen.data_of(run) if watched is not None else None
    except UserError:
        return
    if watched is None or dataset is None:
        return
    st.caption(
        f"Predictions of a few validation images after epoch {int(watched.epochs[-1])}; the bars show "
        f"the probability of the true class per epoch."
    )
    watched_images.show(watched, dataset)


def _log(run: Run, expanded: bool = False) -> None:
    with st.expander("Last lines of the log", icon=":material/subject:", expanded=expanded, key="log"):
        st.code(
            run.tail(run.log, 14) or run.tail(run.console, 14) or "Nothing yet.",
            language=None,
        )
