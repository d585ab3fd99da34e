"""Files of recipes: presets ship with the program, own ones are in `data/recipes/`, others have a path."""

from __future__ import annotations

import json
import re
from importlib import resources
from pathlib import Path
from typing import Any

from bcc.atomic_files import write_json
from bcc.augment.recipe import Recipe
from bcc.errors import UserError
from bcc.json_files import parse_json, read_bytes, read_json
from bcc.paths import data_folder, path_of
from bcc.trash import Discarded, discard

PRESETS = ("none", "flips", "gentle", "course", "randaugment", "heavy")
"""Recipes that ship with the program, mildest first."""


def recipes_folder() -> Path:
    """Where a person's own recipes are saved."""
    return data_folder() / "recipes"


def recipe_names() -> list[str]:
    """Presets, mildest first, then a person's own by name."""
    # Others cannot be opened by their name.
    files = (path for path in recipes_folder().glob("*.json") if _is_name(path.stem) and path.is_file())
    own = sorted(path.stem for path in files)
    return [*PRESETS, *(name for name in own if name not in PRESETS)]


def read_recipe(name_or_path: str | Path) -> Recipe:
    """Find a recipe by its name, or by the path of its JSON file.

    Raises:
        UserError: there is no such recipe, or a step of it is unknown or wrong.
    """
    text = str(name_or_path).strip()
    if text in PRESETS:
        file = resources.files("bcc.augment") / "presets" / f"{text}.json"
        return Recipe.from_json(json.loads(file.read_text("utf-8")), f"recipe '{text}'", text)
    own = recipes_folder() / f"{text}.json"
    if _is_name(text) and own.is_file():
        return _read(own, f"recipe '{text}'")
    path = path_of(text) if text else Path()
    if path.is_file():
        return _read(path, f"the recipe {path.name}")
    raise UserError(
        f"There is no recipe '{text}': choose one of {', '.join(recipe_names())}, or give the path of a "
        "recipe's .json file."
    )


def recipe_of_file(content: bytes, file: str) -> Recipe:
    """Read an imported recipe file.

    Args:
        content: of the file.
        file: its name, for messages.

    Raises:
        UserError: it is no recipe, or a step of it is unknown or wrong.
    """
    return _parsed(content, f"the recipe {file}", Path(file).stem)


def save_recipe(recipe: Recipe, name: str | None = None) -> Path:
    """Save a person's own recipe under its name; an older one of that name goes to the trash.

    Raises:
        UserError: the name is a preset's or cannot be a file's, or the recipe has no steps.
    """
    name = (recipe.name if name is None else name).strip()
    if name in PRESETS:
        raise UserError(f"'{name}' is a recipe that ships with the program: choose another name.")
    if not _is_name(name):
        raise UserError(f"A recipe's name is made of letters, digits, spaces, - and _, not '{name}'.")
    if not recipe.steps:
        raise UserError("A recipe without steps changes nothing: add one, or use the recipe 'none'.")
    recipes_folder().mkdir(parents=True, exist_ok=True)
    path = recipes_folder() / f"{name}.json"
    values = recipe.model_copy(update={"name": ""}).model_dump(mode="json")
    if path.exists() and _values(path) != values:
        discard(path)
    write_json(path, values)
    return path


def delete_recipe(name: str) -> Discarded:
    """Move a person's own recipe to the trash of its folder; `bcc.trash.take_back` restores it.

    Returns:
        Where it lies now.

    Raises:
        UserError: it is a preset, or there is none.
    """
    path = recipes_folder() / f"{name}.json"
    if name in PRESETS:
        raise UserError(f"'{name}' ships with the program and cannot be deleted.")
    if not _is_name(name) or not path.is_file():
        raise UserError(f"There is no saved recipe '{name}'.")
    return discard(path)


def _values(path: Path) -> Any:
    """What a recipe's file holds; nothing where it is damaged."""
    try:
        return read_json(path)
    except (OSError, ValueError):
        return None


def _is_name(text: str) -> bool:
    return re.fullmatch(r"[\w-][\w -]{0,59}", text) is not None and text == text.strip()


def _read(path: Path, what: str) -> Recipe:
    try:
        content = read_bytes(path)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise UserError(f"{what[:1].upper()}{what[1:]} cannot be read: {why}.") from error
    return _parsed(content, what, path.stem)


def _parsed(content: bytes, what: str, name: str) -> Recipe:
    try:
        values: Any = parse_json(content)
    except ValueError as error:
        raise UserError(f"{what[:1].upper()}{what[1:]} cannot be read as JSON: {error}.") from error
    return Recipe.from_json(values, what, name)
