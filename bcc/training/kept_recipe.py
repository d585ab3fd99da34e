"""The recipe of a run: what the config's name stood for when the run began, kept whole in its directory."""

from __future__ import annotations

from bcc.augment import read_recipe
from bcc.runs import Run, write_json
from bcc.training.config import TrainConfig


def keep_recipe(run: Run, config: TrainConfig) -> TrainConfig:
    """Write the recipe into the run's directory the first time, and read it from there ever after.

    A resumed run goes on with what it began with, even where a recipe of that name has changed or is gone.

    Returns:
        The config with the path of the kept file as its `recipe`.

    Raises:
        UserError: there is no such recipe, or the kept file is damaged.
    """
    if run.recipe.exists():
        read_recipe(run.recipe)
    else:
        write_json(run.recipe, read_recipe(config.recipe).model_dump(mode="json"))
    return config.model_copy(update={"recipe": str(run.recipe)})
