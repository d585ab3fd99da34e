"""Ask what one field or two change: choose values, see how many runs that makes, and put them in line."""

from __future__ import annotations

from typing import Any

import streamlit as st
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from bcc.errors import UserError
from bcc.jobs import Sweep, read_values, spread
from bcc.specs import field_bounds, field_choices, field_title
from bcc.training import TrainConfig
from pages.parts.run import estimate_button
from pages.parts.state import links
from pages.parts.text import errors, formatting

WHAT_IF = "what_if"
"""The query parameter by which the Runs page knows which answer to show."""
_KEPT: dict[str, Any] = {"bind": "query-params", "persist_state": "session"}
"""A half-built question survives a reload and other pages."""
_WAYS = {"list": "list", "lin": "range", "log": "range, by factors"}


def show(config: TrainConfig) -> None:
    """Draw the form around the config that the page holds at this moment."""
    fields = _fields(TrainConfig, config)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(
            "Question",
            "",
            key="question",
            **_KEPT,
            placeholder="Which learning rate is best?",
            width=320,
            help="A name under which the results appear on the Runs page.",
        )
        chosen = st.multiselect(
            "Fields to vary",
            list(fields),
            key="vary",
            **_KEPT,
            max_selections=2,
            format_func=lambda one: _label(one, fields[one][0]),
            placeholder="One or two",
            help="Every other field stays as it is in the form above.",
        )
        seeds = st.number_input(
            "Seeds",
            1,
            20,
            1,
            key="seeds",
            persist_state="session",
            width=120,
            help="Each combination is trained this many times with consecutive seeds; the spread "
            "between them shows how much is chance.",
        )
    try:
        varied = {one: _values(one, *fields[one]) for one in chosen}
        wanted = range(config.seed, config.seed + int(seeds))
        runs = Sweep(name or "?", config, varied, wanted).runs() if chosen else []
    except UserError as error:
        st.error(formatting.plain(str(error)), icon=":material/error:")
        runs = []
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button(
            f"Put {len(runs)} runs in the queue" if runs else "Put runs in the queue",
            icon=":material/playlist_add:",
            key="ask",
            disabled=not runs or not name.strip(),
            help="One after another on each device; all values with the first seed come first.",
        )
        if runs:
            estimate_button.button(runs[0][0], "what_if", runs=len(runs))
    if runs and not name.strip():
        st.caption("Give the question a name first.")
    if pressed:
        with errors.shown():
            Sweep(name.strip(), config, varied, wanted).submit()
        links.go("runs", **{WHAT_IF: name.strip()})


def _fields(spec: type[BaseModel], values: BaseModel, prefix: str = "") -> dict[str, tuple[FieldInfo, Any]]:
    """Dotted name -> field and present value, of all that can be varied: numbers, choices and switches."""
    found: dict[str, tuple[FieldInfo, Any]] = {}
    for name, field in spec.model_fields.items():
        value = getattr(values, name)
        if isinstance(value, BaseModel):
            # Of the phases only those that are trained; a rate of another would change nothing.
            if name != "data" and getattr(value, "epochs", 1) != 0:
                found |= _fields(type(value), value, f"{name}.")
        elif (field_choices(field) or isinstance(value, bool | int | float)) and name != "seed":
            found[f"{prefix}{name}"] = (field, value)
    return found


def _label(name: str, field: FieldInfo) -> str:
    section, _, last = name.rpartition(".")
    title = field_title(last, field)
    return f"{title}, {formatting.PHASES.get(section, section).lower()}" if section else title


def _values(name: str, field: FieldInfo, value: Any) -> list[Any]:
    """Let the person choose the values of one field.

    Raises:
        UserError: what was entered is no list or range.
    """
    label = _label(name, field)
    choices = [True, False] if isinstance(value, bool) else field_choices(field)
    if choices:
        picked = st.pills(
            label,
            list(choices),
            selection_mode="multi",
            default=list(choices)[:3],
            key=f"values:{name}",
            **_KEPT,
            format_func=lambda one: {True: "yes", False: "no"}.get(one, str(one)),
            help=field.description,
        )
        return list(picked)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        way = st.segmented_control(
            label,
            list(_WAYS),
            default="list",
            required=True,
            key=f"way:{name}",
            **_KEPT,
            format_func=_WAYS.__getitem__,
            help=field.description,
        )
        if way == "list":
            text = st.text_input(
                "Values",
                _some(field, value),
                key=f"list:{name}",
                **_KEPT,
                width=360,
                help="Separated by commas.",
            )
            return read_values(text)
        least, most = field_bounds(field)
        low = st.number_input(
            "From",
            least,
            most,
            value,
            key=f"low:{name}",
            persist_state="session",
            format="%g",
            help="The lowest.",
        )
        high = st.number_input(
            "To",
            least,
            most,
            value,
            key=f"high:{name}",
            persist_state="session",
            format="%g",
            help="The highest.",
        )
        count = st.number_input(
            "Steps", 2, 20, 3, key=f"count:{name}", persist_state="session", help="How many values."
        )
    found = spread(float(low), float(high), int(count), logarithmic=way == "log")
    return list(dict.fromkeys(round(one) for one in found)) if isinstance(value, int) else found


def _some(field: FieldInfo, value: Any) -> str:
    """A first list around the present value, within the field's bounds."""
    least, most = field_bounds(field)
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    around = [value / 3, value, value * 3] if extra.get("log") else [value, value * 2]
    if not value:
        around = [0, 1, 2] if isinstance(value, int) else [0, 0.1, 0.2]
    around = [round(one) for one in around] if isinstance(value, int) else around
    kept = [one for one in around if (least is None or one >= least) and (most is None or one <= most)]
    return ", ".join(f"{one:.3g}" for one in dict.fromkeys(kept))
