"""Put a `TrainConfig` together from a preset, a file and single settings; later ones win."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bcc.augment import read_recipe
from bcc.errors import UserError
from bcc.json_files import read_json
from bcc.paths import path_of
from bcc.specs import check
from bcc.training.config.flat_fields import to_sections
from bcc.training.config.presets import read_preset
from bcc.training.config.train_config import TrainConfig


def assemble(
    preset: str | None = None,
    file: Path | None = None,
    settings: Sequence[str] = (),
    data: dict[str, Any] | None = None,
) -> TrainConfig:
    """Build a config.

    Args:
        preset: name of a preset.
        file: JSON with fields of `TrainConfig`, all or some.
        settings: "field=value", "data.validation=0.2"; a value is read as JSON where it can be, as
            text otherwise.
        data: fields of the data section (source, classes, preprocessing).

    Raises:
        UserError: an unknown preset, recipe or field, a value outside its bounds, a file that is no JSON.
    """
    values: dict[str, Any] = {}
    if preset:
        _lay_over(values, read_preset(preset)["config"])
    if file:
        _lay_over(values, _read(file))
    if data:
        _merge(values, {"data": {key: value for key, value in data.items() if value is not None}})
    for setting in settings:
        _lay_over(values, _parse(setting))
    config: TrainConfig = check(TrainConfig, values, "the training config")
    for recipe in config.recipes.values():
        read_recipe(recipe)
    return config


def changed(config: TrainConfig, changes: Mapping[str, Any]) -> TrainConfig:
    """A config with some fields changed.

    Args:
        config: stays as it is.
        changes: dotted name of a field ("head.learning_rate"), or a flat one ("learning_rate") where one
            phase is trained -> value.

    Raises:
        UserError: an unknown field or a value outside its bounds.
    """
    values = config.model_dump()
    for name, value in changes.items():
        nested: Any = value
        for part in reversed(name.split(".")):
            nested = {part: nested}
        _lay_over(values, nested)
    return check(TrainConfig, values, "the training config")


def read_config(path: Path) -> TrainConfig:
    """A config that was written before, whole."""
    return check(TrainConfig, _read(path), f"the config {path.name}")


def _read(path: Path) -> dict[str, Any]:
    try:
        values = read_json(path_of(path))
    except FileNotFoundError as error:
        raise UserError(f"There is no config file '{path}'.") from error
    except (ValueError, OSError) as error:
        raise UserError(f"The config file '{path.name}' is not JSON, or cannot be read: {error}.") from error
    if not isinstance(values, dict):
        raise UserError(f"The config file '{path.name}' must hold one JSON object with fields of the config.")
    return values


def _parse(setting: str) -> dict[str, Any]:
    """'data.validation=0.2' -> {'data': {'validation': 0.2}}."""
    name, equals, text = setting.partition("=")
    if not equals or not name.strip():
        raise UserError(f"'--set {setting}' must look like field=value, for instance --set epochs=3.")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = text
    for part in reversed(name.strip().split(".")):
        value = {part: value}
    result: dict[str, Any] = value
    return result


def _lay_over(values: dict[str, Any], more: dict[str, Any]) -> None:
    """Merge fields that may be said flat, as in a config with one phase."""
    try:
        _merge(values, to_sections(more, values))
    except ValueError as error:
        sentence = str(error)
        raise UserError(f"{sentence[:1].upper()}{sentence[1:]}.") from error


def _merge(values: dict[str, Any], more: dict[str, Any]) -> None:
    """Lay `more` over `values`, section by section."""
    for key, value in more.items():
        if isinstance(value, dict) and isinstance(values.get(key), dict):
            _merge(values[key], value)
        else:
            values[key] = value
