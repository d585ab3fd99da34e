"""A recipe: augmentations in order, each with a probability.

Recipes are saved and loaded by `bcc.augment.recipe_files`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError, model_serializer

from bcc.augment.augmentation import Augmentation, Parameters
from bcc.augment.batch import change_some, per_image, rows_of
from bcc.augment.keys import folded, uniform
from bcc.augment.step import Step
from bcc.errors import UserError
from bcc.specs import Spec, first_sentence, option

if TYPE_CHECKING:
    import tensorflow as tf


class Recipe(Spec):
    """Steps in order.

    In JSON: `{"about": "...", "steps": [...]}`; the name is the file's.
    """

    name: str = option("", "What it is called.")
    about: str = option("", "What it is for, one sentence.")
    steps: tuple[Step, ...] = ()

    @property
    def active(self) -> tuple[tuple[int, Step], ...]:
        """The enabled steps, each with its position in the recipe."""
        return tuple((place, step) for place, step in enumerate(self.steps) if step.enabled)

    @property
    def mixes(self) -> bool:
        """Whether an enabled step mixes images and labels."""
        return any(step.augmentation.topic == "mixing" for _, step in self.active)

    @classmethod
    def from_json(cls, values: Any, what: str, name: str = "") -> Recipe:
        """Read the contents of a recipe's file.

        Args:
            values: what the JSON held.
            what: how to call it in a message, such as "recipe 'mine'".
            name: of the recipe; one in the file wins.

        Raises:
            UserError: it is no recipe; says which step is wrong and how.
        """
        if not isinstance(values, dict) or not isinstance(values.get("steps"), list):
            raise UserError(f"{what[:1].upper()}{what[1:]} must be a JSON object with a list 'steps'.")
        steps = []
        for place, step in enumerate(values["steps"], 1):
            try:
                steps.append(Step.model_validate(step))
            except ValidationError as error:
                sentence = first_sentence(error, Step, f"step {place}")
                raise UserError(f"Step {place} of {what}: {sentence}") from error
        try:
            return cls.model_validate({"name": name, **values, "steps": steps})
        except ValidationError as error:
            raise UserError(first_sentence(error, cls, what)) from error

    @model_serializer
    def to_json(self) -> dict[str, Any]:
        """The content of its file."""
        named = {"name": self.name} if self.name else {}
        return {**named, "about": self.about, "steps": [step.model_dump(mode="json") for step in self.steps]}

    def at_strength(self, strength: float) -> Recipe:
        """Return the same steps, each weaker; see `Augmentation.at_strength`."""
        steps = [
            step.model_copy(update={"augmentation": step.augmentation.at_strength(strength)})
            for step in self.steps
        ]
        return self.model_copy(update={"steps": tuple(steps)})

    def parameters(self) -> list[Parameters]:
        """The values of the steps that are on, for `apply_steps`: a page's sliders change only these."""
        return [
            {"probability": step.probability, "parameters": step.augmentation.parameters()}
            for _, step in self.active
        ]

    def apply(self, images: Any, labels: Any, keys: Any) -> tuple[tf.Tensor, tf.Tensor]:
        """Run a batch through every enabled step; arguments and result as of `Augmentation.apply`.

        The draws of a step follow from its place in the recipe, so that the same augmentation can stand in
        it twice, and switching one step off leaves the draws of the others as they are.
        """
        import tensorflow as tf

        images, labels = tf.convert_to_tensor(images), tf.convert_to_tensor(labels)
        keys = tf.convert_to_tensor(keys)
        for place, step in self.active:
            if step.probability > 0:
                kind, parameters = type(step.augmentation), step.augmentation.parameters()
                chance = None if step.probability >= 1 else step.probability
                images, labels = apply_step(
                    kind, images, labels, folded(keys, str(place)), parameters, chance
                )
        return images, labels


def apply_step(
    kind: type[Augmentation],
    images: tf.Tensor,
    labels: tf.Tensor,
    keys: tf.Tensor,
    parameters: Parameters,
    probability: Any = None,
) -> tuple[tf.Tensor, tf.Tensor]:
    """One augmentation on those images of a batch that draw it.

    A step that changes each image by itself computes the chosen images alone. A mixing step computes
    the whole batch, so that any image can be a partner.

    Args:
        kind: the augmentation.
        images, labels, keys, parameters: as of `Augmentation.apply`.
        probability: float () or (N,), the chance of each image; certain when missing.
    """
    import tensorflow as tf

    if probability is None:
        return kind.apply(images, labels, keys, parameters)
    chosen = uniform(keys, 1, "probability")[:, 0] < per_image(probability, images)
    if kind.topic == "mixing":
        mixed, shares = kind.apply(images, labels, keys, parameters)
        return (
            change_some(chosen, images, lambda _, rows: tf.gather(mixed, rows)),
            tf.where(chosen[:, None], shares, labels),
        )

    def change(part: tf.Tensor, rows: tf.Tensor) -> tf.Tensor:
        its_labels, its_keys = tf.gather(labels, rows), tf.gather(keys, rows)
        return kind.apply(part, its_labels, its_keys, rows_of(parameters, rows))[0]

    return change_some(chosen, images, change), labels
