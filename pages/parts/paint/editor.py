"""Paint one cell: sliders on the left, the run's live prediction on the right.

The values of the sliders are in the session under `cell.<field>`; the address has the class, the seed and the
changed values, so that a link shows the same cell.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from bcc.datasets.synthetic import CLASS_NAMES, CellSpec, paint
from bcc.errors import UserError
from bcc.explain import KINDS, smoothed
from bcc.explain.painted_cell import as_text, changed, changes, from_text, sweep, typical_spec
from bcc.figures import class_probabilities, overlay, probability_sweep
from bcc.figures.colours import class_colours
from bcc.runs import Run
from bcc.specs import field_bounds, field_title
from pages.parts.paint import fool
from pages.parts.state import loaders
from pages.parts.text import formatting
from pages.parts.widgets import downloads, gallery, saliency_options
from pages.parts.widgets.form import by_topic

MAIN = (
    "orange_granules",
    "dark_granules",
    "lobes",
    "lobe_pinch",
    "nucleus_size",
    "nucleus_density",
    "cytoplasm_blue",
    "cytoplasm_pink",
    "cell_size",
    "stain_strength",
    "stain_balance",
)
"""What a teacher reaches for first; everything else waits in drawers."""

CELL, START, SEED = "cell", "start", "cell_seed"
"""Names in the address."""

SIZE = 96
_KEY = "cell."


def show(run: Run) -> None:
    """Start from the cell in the address, then draw the live part."""
    if f"{_KEY}lobes" not in st.session_state:
        _begin()
    _live(run)


@st.fragment
def _live(run: Run) -> None:
    left, right = st.columns([5, 6], gap="large")
    with left:
        spec = _sliders()
    start = st.session_state[START]
    _remember(spec, start)
    painted = paint(spec, SIZE)
    said = loaders.single_model_of(run)(painted.image[None])[0]
    with right:
        _answer(run, painted.image, said)
        _keep(spec, start)
    fool.show(run, spec, start, int(said.argmax()), lambda cell: _set(cell, st.session_state[START]))
    _sweep(run, spec)


def _sliders() -> CellSpec:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Start from a typical",
            CLASS_NAMES,
            key=START,
            persist_state="session",
            width=210,
            on_change=_restart,
            help="Set every slider to the middle of this class's range.",
        )
        st.number_input(
            "Seed", 0, 9999, key=SEED, persist_state="session", step=1, width=110, on_change=_restart,
            help="Random positions of granules and neighbouring cells; starts over.",
        )  # fmt: skip
        st.button("Start over", icon=":material/restart_alt:", on_click=_restart, help="Undo every change.")
    values: dict[str, float | int] = {}
    with st.grid(2, min_column_width=170):
        for name in MAIN:
            values[name] = _slider(name)
    with st.expander("All other properties", icon=":material/tune:"):
        for topic, names in by_topic(CellSpec, without=(*MAIN, "seed")).items():
            st.markdown(f"**{topic}**")
            with st.grid(2, min_column_width=150):
                for name in names:
                    values[name] = _slider(name)
    return CellSpec.model_validate({"seed": int(st.session_state[SEED]), **values})


def _slider(name: str) -> float | int:
    field = CellSpec.model_fields[name]
    low, high = field_bounds(field)
    assert low is not None
    assert high is not None
    label, key = field_title(name, field), f"{_KEY}{name}"
    # The cell is still there when the person comes back from another page.
    common: dict[str, Any] = {"help": field.description, "persist_state": "session"}
    if field.annotation is int:
        return int(st.slider(label, int(low), int(high), step=1, key=key, **common))
    step = 1.0 if high - low >= 100 else 0.01
    return float(st.slider(label, float(low), float(high), step=step, key=key, **common))


def _answer(run: Run, image: np.ndarray, said: np.ndarray) -> None:
    names = run.class_names
    colours = class_colours(names)
    called = int(said.argmax())
    with st.container(horizontal=True, vertical_alignment="bottom"):
        method = saliency_options.choose_method(
            "Saliency",
            "paint_method",
            "How the map is computed. The Saliency page says under 'trust' which maps to believe.",
        )
        target = st.selectbox(
            "Map for",
            ["predicted", *names],
            format_func=lambda name: "the predicted class" if name == "predicted" else name,
            key="paint_target",
            width=220,
            help="The class that the map explains: why not another one?",
        )
    label = called if target == "predicted" else names.index(target)
    heat = _map(run, image, method, label)
    cards = [
        gallery.Card((image,), "painted", "", colours[names[called]], "The painted cell"),
        gallery.Card(
            (overlay(image, heat if KINDS[method].at_stage else smoothed(heat), 0.6),),
            f"map for {names[label]}",
            "" if heat.any() else "empty map for this class: try another method",
            colours[names[label]],
            f"The painted cell under its saliency map for {names[label]}",
        ),
    ]
    gallery.show(cards, "The painted cell and its map", columns=2)
    st.markdown(f"**{formatting.plain(names[called])}**, {formatting.share(said[called])} sure")
    drawn = class_probabilities(said, names)
    st.plotly_chart(drawn, key="paint_bars", alt=f"{names[called]}, {formatting.share(said[called])} sure")
    with st.container(horizontal=True, gap="small"):
        downloads.figure(drawn, f"{run.id}_painted_cell")
        downloads.table(pd.DataFrame({"class": names, "probability": said}), f"{run.id}_painted_cell")
        downloads.arrays(f"{run.id}_painted_cell", image=image, map=heat, class_of_map=np.array(names[label]))


def _map(run: Run, image: np.ndarray, method: str, label: int) -> np.ndarray:
    """Draw the map; with a spinner the first time that a method is used, which takes seconds."""
    key = ("painted map traced", *run.model_version, method)
    ready = loaders.is_cached(key)
    with nullcontext() if ready else st.spinner("Computing the map"):
        heat = np.asarray(loaders.explainer_of(run, None, method)(image[None], np.array([label]))[0])
    loaders.cached(key, lambda: True)
    return heat


def _keep(spec: CellSpec, start: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "Save the cell",
            as_text(spec, start),
            "cell.json",
            "application/json",
            key="save_cell",
            icon=":material/save:",
            type="tertiary",
            on_click="ignore",
            help="All sliders as JSON. The address of this page keeps them as well.",
        )
        with st.popover(
            "Open a cell", icon=":material/folder_open:", help="A cell saved with 'Save the cell'."
        ):
            st.file_uploader(
                "Saved cell", "json", key="open_cell", on_change=_open, max_upload_size=1, help="cell.json"
            )
    if problem := st.session_state.pop("cell_problem", None):
        st.error(formatting.plain(problem), icon=":material/error:")


def _sweep(run: Run, spec: CellSpec) -> None:
    names = run.class_names
    others = [name for name in CellSpec.model_fields if name not in (*MAIN, "seed")]
    field = st.selectbox(
        "Sweep one property",
        [*MAIN, *others],
        format_func=lambda name: field_title(name, CellSpec.model_fields[name]),
        key="sweep",
        bind="query-params",
        width=320,
        help="The cell is painted with every value of this property, with all others fixed.",
    )
    key = ("sweep", run.id, run.model.stat().st_mtime, field, spec.model_copy(update={field: 0}), SIZE)
    values, said, images = loaders.cached(
        key, lambda: sweep(spec, field, loaders.model_of(run), SIZE), most=64
    )
    what = field_title(field, CellSpec.model_fields[field])
    now = getattr(spec, field)
    drawn = probability_sweep(values, said, names, what, now)
    st.plotly_chart(drawn, key="sweep_figure", alt=f"Probability of each class against {what}")
    colours = class_colours(names)
    shown = np.unique(np.linspace(0, len(values) - 1, 7).round().astype(int))
    cards = [
        gallery.Card(
            (images[place],),
            f"{values[place]:g}",
            f"{names[said[place].argmax()]} {formatting.share(said[place].max())}",
            colours[names[said[place].argmax()]],
            f"{what} {values[place]:g}: {names[said[place].argmax()]}",
        )
        for place in shown
    ]
    gallery.show(cards, f"The cell with other values of {what}", columns=len(shown))
    with st.container(horizontal=True, gap="small"):
        downloads.figure(drawn, f"{run.id}_sweep_{field}")
        downloads.table(_table(values, said, names, field), f"{run.id}_sweep_{field}")


def _table(values: np.ndarray, said: np.ndarray, names: tuple[str, ...], field: str) -> pd.DataFrame:
    return pd.DataFrame({field: values, **{name: said[:, place] for place, name in enumerate(names)}})


def _begin() -> None:
    """Return the cell of the address, or a typical eosinophil, whose granules can be faded."""
    start = st.query_params.get(START, "eosinophil")
    seed = st.query_params.get(SEED, "0")
    start = start if start in CLASS_NAMES else "eosinophil"
    number = int(seed) if seed.isdecimal() and len(seed) <= 4 else 0
    typical = typical_spec(start, number)
    try:
        spec = changed(typical, st.query_params.get(CELL, ""))
    except UserError as error:
        st.session_state["cell_problem"] = str(error)
        spec = typical
    _set(spec, start)


def _set(spec: CellSpec, start: str) -> None:
    st.session_state[START], st.session_state[SEED] = start, min(spec.seed, 9999)
    for name, value in spec:
        if name != "seed":
            st.session_state[f"{_KEY}{name}"] = value


def _restart() -> None:
    _set(typical_spec(st.session_state[START], int(st.session_state[SEED])), st.session_state[START])


def _open() -> None:
    file = st.session_state["open_cell"]
    if file is None:
        return
    try:
        _set(*from_text(file.getvalue()))
    except UserError as error:
        st.session_state["cell_problem"] = str(error)


def _remember(spec: CellSpec, start: str) -> None:
    """Write the cell into the address."""
    st.query_params[START] = start
    if spec.seed:
        st.query_params[SEED] = str(spec.seed)
    else:
        st.query_params.pop(SEED, None)
    if text := changes(spec, typical_spec(start, spec.seed)):
        st.query_params[CELL] = text
    else:
        st.query_params.pop(CELL, None)
