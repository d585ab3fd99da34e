"""A form made from a spec: one widget per field, with its title, bounds, choices and help.

Nothing here knows any particular option; a field added to a spec appears automatically. Changed values are
in the address and survive a reload. The spec validates the values, and `show_problem` puts its messages under
the fields that they are about.
"""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import streamlit as st
from pydantic import ValidationError
from pydantic.fields import FieldInfo
from streamlit.delta_generator import DeltaGenerator

from bcc.errors import UserError
from bcc.specs import Spec, field_bounds, field_choices, field_title
from pages.parts.state import links
from pages.parts.text import formatting

Places = dict[str, DeltaGenerator]
"""Dotted name of a field -> the room under its widget."""


def by_topic(spec: type[Spec], without: Iterable[str] = ()) -> dict[str, list[str]]:
    """Field names under their topics, in the spec's order."""
    topics: dict[str, list[str]] = {}
    for name, field in spec.model_fields.items():
        if name not in without:
            extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
            topics.setdefault(str(extra.get("topic", "Other")), []).append(name)
    return topics


def fields(
    spec: type[Spec],
    names: Sequence[str],
    start: Mapping[str, Any],
    key: str,
    places: Places,
    *,
    section: str = "",
    suggestions: Mapping[str, Sequence[str | None]] | None = None,
    columns: int = 3,
) -> dict[str, Any]:
    """Draw widgets for some fields of a spec.

    Args:
        spec: the pydantic model.
        names: which fields, in this order.
        start: field name -> first value.
        key: prefix of the key of every widget; another key is another form.
        places: filled with the room under each widget.
        section: the field of the whole config that this spec stands in ("data"), empty at the top.
        suggestions: values to offer for a field of free text.
        columns: widgets side by side.

    Returns:
        Field name -> value as entered, not checked yet.
    """
    values = {}
    grid = st.grid(columns, min_column_width=170)
    for name in names:
        with grid.cell():
            offered = (suggestions or {}).get(name, ())
            values[name] = _widget(name, spec.model_fields[name], start.get(name), f"{key}.{name}", offered)
            places[f"{section}.{name}" if section else name] = st.container()
    return values


def show_problem(error: UserError, places: Places) -> None:
    """Mark the fields that a sentence is about: each bad one gets its own line under its widget.

    A rule about several fields at once names them; they are marked together.
    """
    cause = error.__cause__
    if not isinstance(cause, ValidationError):
        return
    for problem in cause.errors():
        spot = ".".join(str(part) for part in problem["loc"])
        sentence = problem["msg"].removeprefix("Value error, ").removeprefix("Input ")
        marked = [spot] if spot in places else _named(sentence, spot, places)
        for name in marked:
            places[name].caption(f":red[{formatting.plain(sentence[:1].upper() + sentence[1:])}]")


def _named(sentence: str, section: str, places: Places) -> list[str]:
    """Return the fields that a sentence names, in the section that it is about."""
    said = set(re.findall(r"[a-z_][a-z0-9_.]*[a-z0-9_]", sentence))
    inside = [name for name in places if not section or name.startswith(f"{section}.")]
    return [name for name in inside if name in said or (section and name.rpartition(".")[2] in said)]


def _widget(name: str, field: FieldInfo, value: Any, key: str, offered: Sequence[str | None]) -> Any:
    label, help = _label(name, field), field.description
    kind, optional = _kind(field.annotation)
    common: dict[str, Any] = {"key": key, "help": help, "persist_state": "session"}
    if choices := field_choices(field):
        options = [None, *choices] if optional else list(choices)
        return st.selectbox(
            label, options, options.index(value), format_func=_said, bind="query-params", **common
        )
    if kind is bool:
        # A switch is lower than its neighbours' boxes; the label stands where theirs do.
        return st.segmented_control(
            label,
            [True, False],
            default=bool(value),
            format_func=_said,
            required=True,
            bind="query-params",
            **common,
        )
    if kind in (int, float):
        return _number(label, field, value, kind, common | links.bound(key))
    if isinstance(value, list | tuple):
        return st.text_input(label, ", ".join(str(one) for one in value), bind="query-params", **common)
    if offered:
        options = list(dict.fromkeys([value, *offered]))
        nothing = "default" if "none" in options else "none"
        # What is not on offer may be a path, and no address makes this machine read a file.
        common |= links.bound(key, lambda text: text in (nothing, *options))
        return st.selectbox(
            label,
            options,
            0,
            format_func=lambda one: nothing if one is None else one,
            accept_new_options=True,
            **common,
        )
    return st.text_input(label, value or "", **common) or (None if optional else "")


def _label(name: str, field: FieldInfo) -> str:
    """Return the title with its unit, but not "Epochs (epochs)"."""
    title, _, unit = field_title(name, field).partition(" (")
    return title if unit == f"{title.lower()})" or not unit else f"{title} ({unit}"


def _number(label: str, field: FieldInfo, value: Any, kind: type, common: dict[str, Any]) -> float | int:
    low, high = field_bounds(field)
    if kind is int:
        lowest, highest = (None if bound is None else int(bound) for bound in (low, high))
        return int(st.number_input(label, lowest, highest, int(value), 1, **common))
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    # A step of a tenth of the first digit suits a value on a logarithmic scale, 0.01 a share.
    step = float(f"{value / 10:.0e}") if extra.get("log") and value else 0.01
    least, most = (None if bound is None else float(bound) for bound in (low, high))
    entered: float = st.number_input(label, least, most, float(value), step, format="%g", **common)
    # Steps of a float leave dust behind, which nobody typed.
    return float(f"{entered:.10g}")


def _kind(annotation: Any) -> tuple[Any, bool]:
    """Return the plain type of a field, and whether it may be empty."""
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        kinds = [one for one in typing.get_args(annotation) if one is not type(None)]
        return kinds[0], len(kinds) < len(typing.get_args(annotation))
    return annotation, False


def _said(value: Any) -> str:
    return {None: "default", True: "yes", False: "no"}.get(value, str(value))
