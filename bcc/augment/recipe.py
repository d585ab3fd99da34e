"""A recipe: augmentations in order. Named ones ship with the program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

from bcc.augment.augmentation import Augmentation
from bcc.augment.flips import Flips
from bcc.augment.quarter_turns import QuarterTurns

if TYPE_CHECKING:
    import tensorflow as tf

RecipeName = Literal["none", "flips", "gentle"]
"""Names of the recipes that ship with the program, mildest first."""

RECIPES: dict[RecipeName, tuple[Augmentation, ...]] = {
    "none": (),
    "flips": (Flips(),),
    "gentle": (Flips(), QuarterTurns()),
}
RECIPE_NAMES: tuple[RecipeName, ...] = get_args(RecipeName)


def apply_recipe(
    name: RecipeName, images: tf.Tensor, labels: tf.Tensor, keys: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Run a batch through every step of a recipe; shapes and ranges as in `Augmentation.apply`."""
    for step in RECIPES[name]:
        images, labels = step.apply(images, labels, keys)
    return images, labels
