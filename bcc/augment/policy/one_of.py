"""One of several steps, drawn for each image."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from pydantic import model_validator

from bcc.augment.augmentation import Augmentation, Parameters, Topic
from bcc.augment.batch import change_by_choice, per_image, rows_of
from bcc.augment.catalogue import find
from bcc.augment.geometry.elastic import Elastic
from bcc.augment.geometry.perspective import Perspective
from bcc.augment.keys import folded, uniform
from bcc.augment.optics.defocus import Defocus
from bcc.augment.optics.gaussian_blur import GaussianBlur
from bcc.augment.step import Step
from bcc.specs import option

if TYPE_CHECKING:
    import tensorflow as tf


class OneOf(Augmentation):
    """Draw one of several steps for each image; a step's probability is its weight in the draw."""

    name: ClassVar[str] = "one_of"
    title: ClassVar[str] = "One of"
    topic: ClassVar[Topic] = "policy"
    about: ClassVar[str] = "Applies one of several steps, drawn for each image by their weights."
    hurts: ClassVar[str] = "As the steps in it do."
    neutral: ClassVar[dict[str, float]] = {"probability": 0.0}

    probability: float = option(1.0, "Chance that an image gets one of the steps at all.", ge=0, le=1)
    choices: tuple[Step, ...] = option(
        tuple(Step(augmentation=kind()) for kind in (GaussianBlur, Defocus, Elastic, Perspective)),
        "The steps to draw from; each one's probability is its weight.",
    )

    @model_validator(mode="after")
    def _can_be_drawn(self) -> OneOf:
        weights = [step.probability for step in self.choices if step.enabled]
        if not sum(weights):
            raise ValueError("'one_of' needs a step in 'choices' that is on and has a probability above 0")
        for step in self.choices:
            if step.augmentation.topic == "mixing":
                raise ValueError(f"'one_of' cannot hold '{step.augmentation.name}', which mixes images")
        return self

    def parameters(self) -> Parameters:
        """`probability`, and for each choice that is on "<place> <name>": its weight and its own values."""
        values: Parameters = {"probability": np.asarray(self.probability, np.float32)}
        for place, step in enumerate(self.choices):
            if step.enabled:
                weight = np.asarray(step.probability, np.float32)
                values[f"{place:02} {step.augmentation.name}"] = {
                    "weight": weight,
                    "values": step.augmentation.parameters(),
                }
        return values

    @classmethod
    def apply(
        cls, images: tf.Tensor, labels: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tuple[tf.Tensor, tf.Tensor]:
        import tensorflow as tf

        names = sorted(name for name in parameters if name != "probability")
        draw = uniform(keys, 2, "one of")
        weights = tf.stack([per_image(parameters[name]["weight"], images) for name in names], axis=1)
        upto = tf.cumsum(weights, axis=1)
        passed = tf.cast(draw[:, :1] * upto[:, -1:] >= upto, tf.int32)
        choice = tf.minimum(tf.reduce_sum(passed, axis=1), len(names) - 1)
        active = draw[:, 1] < per_image(parameters["probability"], images)

        def change_of(name: str) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor]:
            kind, own = find(name.partition(" ")[2]), folded(keys, name)

            def change(part: tf.Tensor, rows: tf.Tensor) -> tf.Tensor:
                values = rows_of(parameters[name]["values"], rows)
                return kind.apply(part, tf.gather(labels, rows), tf.gather(own, rows), values)[0]

            return change

        group = tf.where(active, choice, len(names))
        return change_by_choice(group, images, [*(change_of(name) for name in names), None]), labels
