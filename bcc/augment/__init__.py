"""What is done to the pictures before a model sees them: one spec per augmentation, recipes of them.

Specs import without tensorflow; `apply` imports it.
"""

from bcc.augment.augmentation import Augmentation
from bcc.augment.flips import Flips
from bcc.augment.keys import picture_keys
from bcc.augment.quarter_turns import QuarterTurns
from bcc.augment.recipe import RECIPE_NAMES, RECIPES, RecipeName, apply_recipe

__all__ = [
    "RECIPES",
    "RECIPE_NAMES",
    "Augmentation",
    "Flips",
    "QuarterTurns",
    "RecipeName",
    "apply_recipe",
    "picture_keys",
]
