"""Named starting points for a run: JSON files beside this module, each a partial `TrainConfig`."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

from bcc.errors import UserError


def preset_names() -> list[str]:
    """Names of the presets that ship with the program."""
    folder = resources.files("bcc.training") / "presets"
    return sorted(file.name.removesuffix(".json") for file in folder.iterdir() if file.name.endswith(".json"))


def read_preset(name: str) -> dict[str, Any]:
    """Values of a preset: `about` (a sentence) and `config` (fields of `TrainConfig`).

    Raises:
        UserError: there is no such preset.
    """
    if name not in preset_names():
        raise UserError(f"There is no preset '{name}': choose one of {', '.join(preset_names())}.")
    text = (resources.files("bcc.training") / "presets" / f"{name}.json").read_text("utf-8")
    result: dict[str, Any] = json.loads(text)
    return result
