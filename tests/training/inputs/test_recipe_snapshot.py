from __future__ import annotations

from pathlib import Path

import pytest

from bcc.augment import Recipe, Step, delete_recipe, read_recipe, save_recipe
from bcc.augment.geometry import Flips
from bcc.errors import UserError
from bcc.runs import Run
from bcc.training import TrainConfig
from bcc.training.inputs.recipe_snapshot import snapshot_recipes


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("BCC_DATA", str(tmp_path / "data"))
    (tmp_path / "run").mkdir()
    return Run(tmp_path / "run")


def test_a_run_keeps_its_recipe_whatever_becomes_of_the_name(run: Run) -> None:
    first = Recipe(steps=[Step(augmentation=Flips(horizontal=0.1))])
    save_recipe(first, "mine")
    config = snapshot_recipes(run, TrainConfig(recipe="mine"))
    assert read_recipe(config.recipe).steps == first.steps
    assert read_recipe(config.recipe).name == "mine"
    save_recipe(Recipe(steps=[Step(augmentation=Flips(horizontal=0.9))]), "mine")
    assert read_recipe(snapshot_recipes(run, TrainConfig(recipe="mine")).recipe).steps == first.steps
    delete_recipe("mine")
    assert read_recipe(snapshot_recipes(run, TrainConfig(recipe="mine")).recipe).steps == first.steps


def test_bad_ones_are_one_sentence(run: Run) -> None:
    with pytest.raises(UserError, match="There is no recipe 'wild'"):
        snapshot_recipes(run, TrainConfig(recipe="wild"))
    assert not run.recipe.exists()
    run.recipe.write_text("{")
    with pytest.raises(UserError, match=r"recipe\.json cannot be read as JSON"):
        snapshot_recipes(run, TrainConfig())
