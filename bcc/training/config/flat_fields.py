"""Fields of a config that had one phase only: `epochs`, `learning_rate`, ... at the top.

They are still understood, in files of older runs and in `--set epochs=3`: they speak of the one phase that
is trained. Where that is not clear, or where two values say different things, a sentence says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PHASES = ("head", "fine_tune", "all")
"""Sections of the config, in the order in which they are trained."""

FLAT = ("epochs", "learning_rate", "schedule", "warmup", "patience")


def to_sections(values: Mapping[str, Any], base: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Move flat fields into the section of the phase that they speak of.

    Args:
        values: fields of a config, perhaps flat ones among them.
        base: what `values` will be laid over; it decides which phase is meant.

    Returns:
        `values` without flat fields.

    Raises:
        ValueError: it is not clear which phase is meant, or a section says something else.
    """
    flat = {name: values[name] for name in FLAT if name in values}
    share = values.get("trainable_share")
    rest = {name: value for name, value in values.items() if name not in (*FLAT, "trainable_share")}
    if not flat and share is None:
        return rest
    sections = {name: {**_section(base or {}, name), **_section(rest, name)} for name in PHASES}
    trained = [name for name in PHASES if _number(sections[name].get("epochs"))]
    if len(trained) > 1:
        first = next(iter(flat), "trainable_share")
        raise ValueError(
            f"'{first}' could speak of several phases: write "
            + " or ".join(f"{name}.{first}" for name in trained)
        )
    before = trained[0] if trained else "all"
    phase = before if share is None else _phase_of(share)
    if phase == "fine_tune" and share is not None:
        flat["trainable_share"] = share
    _contradictions(flat, _section(rest, phase), phase)
    moved = {**_section(base or {}, before), **_section(rest, phase), **flat} if phase != before else flat
    rest[phase] = {**_section(rest, phase), **moved}
    if phase != before and _section(base or {}, before):
        rest[before] = {"epochs": 0}
    if phase != "all":
        # An older config of this kind trained nothing further.
        rest[phase] = {"epochs": 10, **rest[phase]}
        rest.setdefault("all", {"epochs": 0})
    return rest


def _section(values: Mapping[str, Any], name: str) -> dict[str, Any]:
    section = values.get(name)
    if section is None:
        return {}
    if isinstance(section, Mapping):
        return dict(section)
    return section.model_dump() if hasattr(section, "model_dump") else {}


def _number(value: Any) -> float:
    return value if isinstance(value, int | float) else 0


def _phase_of(share: Any) -> str:
    """A share that is no number goes where its own bounds will refuse it by name."""
    if isinstance(share, int | float) and not isinstance(share, bool) and share in (0, 1):
        return "all" if share == 1 else "head"
    return "fine_tune"


def _contradictions(flat: Mapping[str, Any], section: Mapping[str, Any], phase: str) -> None:
    for name, value in flat.items():
        if name in section and section[name] != value:
            raise ValueError(
                f"'{name}' is {value} and '{phase}.{name}' is {section[name]}: leave one of them out"
            )
