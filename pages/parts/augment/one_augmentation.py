"""One augmentation on a few cells: sliders, draws, a sweep of strengths, the difference that it makes."""

from __future__ import annotations

import json

import numpy as np
import streamlit as st

from bcc.augment import TOPICS, Augmentation, catalogue
from bcc.augment.colour import StainJitter
from bcc.augment.previews import AugmentedGrid, difference, several_draws, strength_sweep
from bcc.datasets import Dataset
from bcc.errors import UserError
from bcc.figures.colours import class_colours
from bcc.runs import RunSummary
from pages.parts.augment import grid, invariance, run_predictions, sliders
from pages.parts.text import formatting

DRAWS, STRENGTHS, CHANGES = "draws", "strengths", "difference"
SWEEP = tuple(np.linspace(0, 1, 8))


@st.fragment
def show(dataset: Dataset, rows: np.ndarray, summary: RunSummary | None) -> None:
    """Draw the view; only this fragment reruns when a slider moves."""
    kind = _choose()
    controls, images = st.columns([4, 17], gap="medium")
    with controls:
        augmentation = sliders.sliders(kind, f"augment.{kind.name}")
        if isinstance(augmentation, StainJitter):
            _dyes(dataset, augmentation)
        draws = st.slider(
            "Draws",
            1,
            6,
            4,
            key="augment.draws",
            persist_state="session",
            help="Number of draws, one row each.",
        )
        seed = _buttons(kind)
        asked = run_predictions.wanted(summary)
        _copy(augmentation)
    with images:
        st.markdown(f"**{kind.title}.** {kind.about}")
        mixing = kind.topic == "mixing"
        # A mixed image has no strength of its own, and differs from the original everywhere.
        mode = DRAWS if mixing else _mode()
        # Seen where an augmentation is tried for the first time; later it is done before a spinner shows.
        with st.spinner("Compiling it for the first time"):
            _images(dataset, rows, augmentation, mode, draws, seed, summary if asked else None)
        st.caption(f":material/warning: When it hurts: {kind.hurts}")
        if kind.paper:
            st.caption(f":material/article: {formatting.plain(kind.paper)}")
        if asked and summary is not None and kind.topic != "mixing":
            invariance.show(dataset, summary, augmentation, seed)


def _images(
    dataset: Dataset,
    rows: np.ndarray,
    augmentation: Augmentation,
    mode: str,
    draws: int,
    seed: int,
    summary: RunSummary | None,
) -> None:
    """Draw the augmented cells in one of three views."""
    if mode == STRENGTHS:
        _sweep(dataset, rows, augmentation, seed, summary)
        return
    shown = several_draws(
        augmentation,
        np.asarray(dataset.images[rows]),
        dataset.labels[rows],
        rows,
        len(dataset.class_names),
        draws,
        seed,
    )
    _draws(dataset, rows, shown, mode == CHANGES, summary)


def _mode() -> str:
    return st.segmented_control(
        "Show",
        [DRAWS, STRENGTHS, CHANGES],
        default=DRAWS,
        required=True,
        key="augment.mode",
        help="Several draws of the same cells; one draw from zero to the chosen strength; or the "
        "difference that each draw makes, grey where there is none.",
    )


def _choose() -> type[Augmentation]:
    filled = [topic for topic in TOPICS if any(kind.topic == topic for kind in catalogue().values())]
    topic = st.segmented_control(
        "Topic",
        filled,
        default=filled[0],
        required=True,
        key="topic",
        bind="query-params",
        help="What the augmentation changes.",
    )
    kinds = {name: kind for name, kind in catalogue().items() if kind.topic == topic}
    name = st.pills(
        "Augmentation",
        list(kinds),
        default=next(iter(kinds)),
        required=True,
        format_func=lambda one: kinds[one].title,
        key=f"augmentation.{topic}",
        persist_state="session",
        label_visibility="collapsed",
        help="The augmentation to try.",
    )
    return kinds[name]


def _buttons(kind: type[Augmentation]) -> int:
    """Offer new draws and a reset; returns the seed of the draws."""
    st.session_state.setdefault("augment.seed", 0)
    with st.container(horizontal=True, gap="xsmall"):
        st.button(
            "Draw",
            icon=":material/casino:",
            key="augment.again",
            on_click=_next,
            help="New draws with the same values.",
        )
        st.button(
            "Reset",
            icon=":material/restart_alt:",
            key="augment.reset",
            on_click=_reset,
            args=(kind,),
            help="Reset all values of this augmentation.",
        )
    result: int = st.session_state["augment.seed"]
    return result


def _next() -> None:
    st.session_state["augment.seed"] += 1


def _reset(kind: type[Augmentation]) -> None:
    for name, value in kind():
        key = f"augment.{kind.name}.{name}"
        if key in st.session_state:
            st.session_state[key] = value


def _dyes(dataset: Dataset, augmentation: StainJitter) -> None:
    st.button(
        "Measure dyes",
        icon=":material/colorize:",
        key="augment.dyes",
        on_click=_take_dyes,
        args=(dataset, augmentation),
        help="Estimates the colours of both dyes and of the glass from the images of this set, after "
        "Macenko. Those at the start were estimated from the PBC challenge."
        " They stand under Dyes.",
    )
    problem = st.session_state.pop("augment.dyes_problem", "")
    if problem:
        st.error(formatting.plain(problem), icon=":material/error:")


def _take_dyes(dataset: Dataset, augmentation: StainJitter) -> None:
    strength = augmentation.model_dump(include={"azure", "eosin", "haze"})
    try:
        found = StainJitter.for_images(dataset.images, **strength)
    except UserError as error:
        st.session_state["augment.dyes_problem"] = str(error)
        return
    for name, value in found.model_dump(exclude=set(strength)).items():
        st.session_state[f"augment.{StainJitter.name}.{name}"] = float(value)


def _copy(augmentation: Augmentation) -> None:
    given = augmentation.model_dump(mode="json")
    changed = {
        name: value
        for name, value in given.items()
        if value != type(augmentation)().model_dump(mode="json")[name]
    }
    arguments = ", ".join(f"{name}={value!r}" for name, value in changed.items())
    kind = type(augmentation)
    package = kind.__module__.rpartition(".")[0]
    with st.popover("Copy", icon=":material/content_copy:", help="The values as Python or JSON."):
        st.code(
            f"from {package} import {kind.__name__}\n\n{kind.__name__}({arguments})",
            language="python",
        )
        step = {"augmentation": kind.name, "probability": 1.0, "enabled": True, "parameters": given}
        st.code(json.dumps(step, indent=2), language="json")


def _head(dataset: Dataset, rows: np.ndarray) -> list[tuple[np.ndarray, str, str]]:
    colours = class_colours(dataset.class_names)
    names = [dataset.class_names[label] for label in dataset.labels[rows]]
    return [(dataset.images[row], name, colours[name]) for row, name in zip(rows, names, strict=True)]


def _draws(
    dataset: Dataset, rows: np.ndarray, shown: AugmentedGrid, changes: bool, summary: RunSummary | None
) -> None:
    names, colours = dataset.class_names, class_colours(dataset.class_names)
    said = run_predictions.about(summary, dataset, rows, shown.images) if summary else None
    before = np.asarray(dataset.images[rows])
    lines = [("prediction", [f"<div>{text}</div>" for text in said.originals])] if said else []
    for number, (images, labels) in enumerate(zip(shown.images, shown.labels, strict=True)):
        cells = []
        for column, (image, shares) in enumerate(zip(images, labels, strict=True)):
            below = grid.bar(shares, names, colours) if shares.max() < 0.995 else ""
            below += said.lines[number][column] if said else ""
            seen = difference(before[column], image) if changes else image
            alt = f"{names[dataset.labels[rows[column]]]}, draw {number + 1}"
            cells.append(grid.cell(seen, alt, below, bool(said and said.flipped[number, column])))
        lines.append((f"draw {number + 1}", cells))
    grid.show("Cells and their augmented versions", _head(dataset, rows), lines)


def _sweep(
    dataset: Dataset, rows: np.ndarray, augmentation: Augmentation, seed: int, summary: RunSummary | None
) -> None:
    """Draw a row per cell, from zero to the chosen strength, with one draw."""
    lines = []
    for row in rows[:4]:
        swept = strength_sweep(augmentation, dataset.images[row], int(row), SWEEP, seed)
        said = (
            run_predictions.about(summary, dataset, np.repeat(row, len(SWEEP)), swept[None])
            if summary
            else None
        )
        name = dataset.class_names[dataset.labels[row]]
        cells = []
        for column, (image, strength) in enumerate(zip(swept, SWEEP, strict=True)):
            below = grid.line(f"{strength:.0%}") + (said.lines[0][column] if said else "")
            flipped = bool(said and said.flipped[0, column])
            cells.append(grid.cell(image, f"{name} at strength {strength:.0%}", below, flipped))
        lines.append((name, cells))
    grid.show("Cells from zero to the chosen strength", [], lines, columns=len(SWEEP), aside=5.4)
