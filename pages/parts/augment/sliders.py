"""Sliders for the values of an augmentation, made from its spec."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import streamlit as st
from pydantic.fields import FieldInfo
from streamlit.delta_generator import DeltaGenerator

from bcc.augment import Augmentation
from bcc.specs import check, field_bounds, field_choices, field_title, field_topic


def sliders(kind: type[Augmentation], key: str, start: Augmentation | None = None) -> Augmentation:
    """Draw a control for each field that has bounds or choices.

    Args:
        kind: the augmentation.
        key: prefix of the key of every widget.
        start: an augmentation with the initial values; the defaults when missing.
    """
    begin = start or kind()
    values: dict[str, Any] = {}
    folds: dict[str, DeltaGenerator] = {}

    def folded(field: FieldInfo) -> AbstractContextManager:
        """Put fields with a topic, which are rarely needed, into a collapsed section."""
        topic = field_topic(field)
        if not topic:
            return nullcontext()
        if topic not in folds:
            folds[topic] = st.expander(topic)
        return folds[topic]

    for name, field in kind.model_fields.items():
        value = getattr(begin, name)
        # The grey of a fill is of no use where the fill is another.
        used = name != "level" or values.get("fill") == "constant"
        with folded(field):
            values[name] = _control(name, field, value, f"{key}.{name}") if used else value
    return check(kind, values, kind.title.lower())


def _control(name: str, field: FieldInfo, value: Any, key: str) -> Any:
    label, help = field_title(name, field), field.description
    # Remembered while not drawn, so that a wrong row number or a visit to another step loses nothing.
    common: dict[str, Any] = {"key": key, "help": help, "persist_state": "session"}
    if choices := field_choices(field):
        return st.selectbox(label, choices, choices.index(value), **common)
    if field.annotation is bool:
        return st.toggle(label, value, **common)
    low, high = field_bounds(field)
    if field.annotation is int and low is not None and high is not None:
        return st.slider(label, int(low), int(high), int(value), 1, **common)
    if field.annotation is float and low is not None and high is not None:
        # About a hundredth of the range, rounded.
        step = float(f"{(high - low) / 100:.0e}")
        return st.slider(label, float(low), float(high), float(value), step, **common)
    # Values without bounds (a policy's own steps, dye directions) are edited in a recipe's file.
    return value
