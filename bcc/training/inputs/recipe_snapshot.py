"""The recipes of a run: what the config's names stood for when the run began, kept whole in its directory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bcc.augment import read_recipe
from bcc.runs import Run, write_json
from bcc.training.config.train_config import TrainConfig


def snapshot_recipes(run: Run, config: TrainConfig) -> TrainConfig:
    """Write the recipes into the run's directory the first time, and read them from there ever after.

    A resumed run goes on with what it began with, even where a recipe of that name has changed or is gone.

    Returns:
        The config with paths of the kept files in place of the names.

    Raises:
        UserError: there is no such recipe, or a kept file is damaged.
    """
    changes: dict[str, Any] = {}
    for place, name in config.recipes.items():
        section, _, field = place.rpartition(".")
        kept = str(_keep(_file(run, place), name))
        if section:
            changes[section] = config.phases[section].model_copy(update={field: kept})
        else:
            changes[field] = kept
    return config.model_copy(update=changes)


def _file(run: Run, place: str) -> Path:
    """recipe.json, recipe-validation.json, recipe-head.json, ..."""
    what = place.replace("validation_recipe", "validation").removesuffix("recipe").rstrip(".")
    return run.recipe.with_name(f"recipe-{what}.json") if what else run.recipe


def _keep(file: Path, name: str) -> Path:
    if file.exists():
        read_recipe(file)
    else:
        write_json(file, read_recipe(name).model_dump(mode="json"))
    return file
