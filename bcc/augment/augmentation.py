"""Base class of augmentations: a spec with bounds, and a pure function of tensors.

Each augmentation is one class in one file; the sub-packages are its topics and `bcc.augment.catalogue` lists
them all. `bcc.augment.recipe` decides which ones an image gets, and in which order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

import numpy as np

from bcc.specs import Spec, field_choices

if TYPE_CHECKING:
    import tensorflow as tf

Topic = Literal["geometry", "colour", "optics", "hiding", "mixing", "policy"]
"""What an augmentation changes; also the sub-package that it lives in, unless it calls keras-cv."""

Parameters = dict[str, Any]
"""Field name -> float32 tensor of shape () (one value for all) or (N,) (one an image)."""


class Augmentation(Spec):
    """Base of all augmentations.

    A default is the strongest sensible use of a blood cell image; `at_strength` goes from nothing to it.

    Attributes:
        name: in a recipe's JSON.
        title: on a page.
        topic: what it changes.
        about: what it does, one sentence.
        hurts: when it hurts a blood cell, one sentence.
        paper: reference, "" where there is none.
        neutral: fields that are magnitudes (or chances, where a step is all or nothing) -> the value at
            which nothing changes.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    topic: ClassVar[Topic]
    about: ClassVar[str]
    hurts: ClassVar[str]
    paper: ClassVar[str] = ""
    neutral: ClassVar[dict[str, float]]

    def parameters(self) -> Parameters:
        """Every field as float32 (): false and true are 0 and 1, a choice is its place among the choices."""
        values = {}
        for name, field in type(self).model_fields.items():
            value, choices = getattr(self, name), field_choices(field)
            values[name] = np.asarray(choices.index(value) if choices else value, np.float32)
        return values

    def at_strength(self, strength: float) -> Self:
        """Return a weaker version: 0 changes nothing, 1 is the augmentation itself.

        Args:
            strength: 0..1; magnitudes go in a straight line from their neutral value to their own.
        """
        if strength >= 1:
            return self
        fields = type(self).model_fields
        weaker = {}
        for name, nothing in self.neutral.items():
            value = nothing + max(strength, 0.0) * (getattr(self, name) - nothing)
            weaker[name] = round(value) if fields[name].annotation is int else value
        return self.model_copy(update=weaker)

    def __call__(self, images: Any, labels: Any, keys: Any) -> tuple[tf.Tensor, tf.Tensor]:
        """Augment a batch with this spec's values; see `apply`."""
        return self.apply(images, labels, keys, self.parameters())

    @classmethod
    def apply(
        cls, images: tf.Tensor, labels: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Augment a batch.

        A pure function: eager, in `tf.function` and in `tf.data` alike. What an image becomes follows from
        the image, its key and its parameters, not from its place in the batch (a mixing step also looks at
        the other images). At neutral values the input comes back bit for bit.

        Args:
            images: float32 (N, H, W, 3), values 0..255; N is at least 1.
            labels: float32 (N, classes), rows sum to 1.
            keys: int32 (N, 2), one key an image (`bcc.augment.image_keys`).
            parameters: as `parameters()` gives them, each of shape () or (N,).

        Returns:
            Images and labels of the same shapes, types and ranges.
        """
        raise NotImplementedError
