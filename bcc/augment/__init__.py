"""Augmentations of images before a model sees them: one spec per augmentation, and recipes of them.

Specs import without tensorflow; `apply` imports it.
"""

from bcc.augment.augmentation import Augmentation, Parameters, Topic
from bcc.augment.catalogue import TOPICS, catalogue, find
from bcc.augment.compiled import apply_compiled
from bcc.augment.keys import image_keys
from bcc.augment.recipe import Recipe
from bcc.augment.recipe_files import (
    PRESETS,
    delete_recipe,
    read_recipe,
    recipe_names,
    recipe_of_file,
    recipes_folder,
    save_recipe,
)
from bcc.augment.step import Step

__all__ = [
    "PRESETS",
    "TOPICS",
    "Augmentation",
    "Parameters",
    "Recipe",
    "Step",
    "Topic",
    "apply_compiled",
    "catalogue",
    "delete_recipe",
    "find",
    "image_keys",
    "read_recipe",
    "recipe_names",
    "recipe_of_file",
    "recipes_folder",
    "save_recipe",
]
