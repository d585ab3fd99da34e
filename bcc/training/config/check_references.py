"""Whether what a config names is there, and whether this machine could train it, before a run is made.

The bounds of single values are the matter of the config itself. What only the data can tell (too few rows
of a class, a selection of another set) is found out by `bcc.training.inputs.rows.divide`.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

import psutil

from bcc.augment import read_recipe
from bcc.errors import UserError
from bcc.models.shipped_weights import NAMES
from bcc.training.config.train_config import TrainConfig

NO_FILES = ("none", "imagenet", *NAMES)
"""Weights that are no file of the person's."""

_COPIES = 4
"""Of a batch in memory at the very least: as read, as changed, as the model sees it, and its gradient."""
_LONGEST = 80


def check_references(config: TrainConfig) -> None:
    """Refuse what could only fail.

    Raises:
        UserError: a recipe or the weights are not there or are no such files, or one batch of images is
            larger than this machine's memory. The sentence begins with the field.
    """
    for field, recipe in config.recipes.items():
        try:
            read_recipe(recipe)
        except UserError as error:
            raise UserError(f"{field}: {error}") from error
        except (OSError, RuntimeError) as error:
            # Too long for a path, or the home folder of somebody unknown.
            raise UserError(f"{field}: there is no recipe '{_short(recipe)}'; choose another one.") from error
    if config.weights not in NO_FILES:
        _check_weights(config.weights)
    batch = config.batch_size * config.image_size**2 * 3 * 4 * _COPIES
    memory = psutil.virtual_memory().total
    if batch > memory:
        raise UserError(
            f"batch_size: {config.batch_size:,} images of {config.image_size} x {config.image_size} px at "
            f"once take {batch / 1e9:,.0f} GB without the model, and this machine has {memory / 1e9:,.0f} "
            "GB; make batch_size or image_size smaller."
        )


def _check_weights(weights: str) -> None:
    try:
        path = Path(weights).expanduser()
        file = path / "model.keras" if path.is_dir() else path
        is_model = file.is_file() and zipfile.is_zipfile(file)
        is_there = path.exists()
    except (OSError, RuntimeError, ValueError):
        is_there = is_model = False
    if not weights.strip() or not is_there:
        raise UserError(
            f"weights: there is no '{_short(weights)}'; give 'none', 'pbc', 'imagenet', or the path of a "
            "run or of a .keras file."
        )
    if not is_model:
        raise UserError(
            f"weights: '{_short(weights)}' holds no .keras model; give 'none', 'pbc', 'imagenet', or the "
            "path of a run or of a .keras file."
        )


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
