"""Configs of several runs beside one another, and runs as points of a table to compare."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from bcc.errors import UserError
from bcc.runs import Run, RunSummary
from bcc.training import PHASES, read_config

_RULES = {"adam": "adam", "nadam": "adam", "adamw": "adam", "lion": "lion", "sgd": "sgd"}
"""Optimiser -> the section of the config that speaks of it."""


def flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Sections under dotted names: {"data": {"seed": 1}} -> {"data.seed": 1}."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            found |= flat(value, f"{prefix}{name}.")
        else:
            found[f"{prefix}{name}"] = value
    return found


def config_of(run: Run) -> dict[str, Any]:
    """Every field of a run's config that plays a part in it, under its dotted name.

    A config of an older version is read as what it means now. Fields of phases that are not trained and of
    optimisers that are not used are left out. None where the file is damaged.
    """
    try:
        values = read_config(run.config).model_dump(mode="json")
    except UserError:
        return {}
    for phase in PHASES:
        if not values[phase]["epochs"]:
            values[phase] = {"epochs": 0}
    for section in set(_RULES.values()) - {_RULES[values["optimizer"]]}:
        values.pop(section, None)
    return flat(values)


def configs_side_by_side(runs: Sequence[Run]) -> pd.DataFrame:
    """A line a field, a column a run.

    Returns:
        `field`, one column of text for each run's id, and `differs`: whether the runs disagree.
    """
    configs = {run.id: config_of(run) for run in runs}
    fields = list(dict.fromkeys(name for config in configs.values() for name in config))
    lines = []
    for field in fields:
        values = [config.get(field) for config in configs.values()]
        said = dict(zip(configs, map(_said, values), strict=True))
        lines.append({"field": field, **said, "differs": any(value != values[0] for value in values)})
    return pd.DataFrame(lines, columns=["field", *configs, "differs"])


def as_points(summaries: Sequence[RunSummary]) -> pd.DataFrame:
    """Runs as lines of a table for parallel coordinates.

    Returns:
        Indexed by run id: the fields in which the configs differ, in order, then `validation_accuracy` and
        `accuracy` (0..1 or missing).
    """
    configs = {one.run.id: config_of(one.run) for one in summaries}
    fields = list(dict.fromkeys(name for config in configs.values() for name in config))
    table = {}
    for field in fields:
        values = [config.get(field) for config in configs.values()]
        if any(value != values[0] for value in values):
            table[field] = [_point(value) for value in values]
    frame = pd.DataFrame(table, index=list(configs))
    frame["validation_accuracy"] = [
        one.state.best_validation_accuracy if one.state else None for one in summaries
    ]
    frame["accuracy"] = [one.accuracy for one in summaries]
    return frame.astype({"validation_accuracy": "float64", "accuracy": "float64"})


def _said(value: Any) -> str:
    if value is None:
        return "–"
    return value if isinstance(value, str) else json.dumps(value)


def _point(value: Any) -> Any:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else _said(value)
