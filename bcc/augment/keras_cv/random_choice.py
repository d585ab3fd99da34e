"""keras-cv's RandomChoice: one of ten of its layers, drawn for each image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from bcc.augment.augmentation import Parameters, Topic
from bcc.augment.batch import change_some, rows_of
from bcc.augment.drawn import happens
from bcc.augment.keras_cv.some_layers import some_layers
from bcc.augment.keras_cv.step import Draws, KerasCvStep, Turn, made, one_by_one
from bcc.specs import option

if TYPE_CHECKING:
    import tensorflow as tf


class KerasCvRandomChoice(KerasCvStep):
    """Let the layer choose one of ten others (`some_layers`) for each image, by the image's key."""

    name: ClassVar[str] = "keras_cv.random_choice"
    title: ClassVar[str] = "Random choice (keras-cv)"
    topic: ClassVar[Topic] = "policy"
    about: ClassVar[str] = (
        "Applies one of ten layers of keras-cv (hue, sharpness, shear, grid, ...) to each image."
    )
    hurts: ClassVar[str] = (
        "When strong, as the layers do: hue leaves what a stain can give, a grid hides platelets."
    )
    neutral: ClassVar[dict[str, float]] = {"probability": 0.0}

    probability: float = option(1.0, "Chance that an image gets one of them at all.", ge=0, le=1)
    magnitude: float = option(0.5, "Strength of whatever is drawn.", ge=0, le=1)

    @classmethod
    def change(
        cls, images: tf.Tensor, labels: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tuple[tf.Tensor, tf.Tensor]:
        import tensorflow as tf

        def choose(image: tf.Tensor, key: tf.Tensor, magnitude: tf.Tensor) -> tf.Tensor:
            def build(layers: Any) -> Any:
                return layers.RandomChoice(inner(layers), dtype="float32")

            def inner(layers: Any) -> list[Any]:
                return some_layers(layers, key, magnitude, cls.name, Turn())

            layer = Draws(key, cls.name).given_to(made(build))
            return layer({"images": image})["images"]

        def changed(part: tf.Tensor, rows: tf.Tensor) -> tf.Tensor:
            values = rows_of(parameters, rows)
            return one_by_one(choose, part, tf.gather(keys, rows), [values["magnitude"]])

        chosen = happens(parameters["probability"], images, keys, f"{cls.name} probability")
        return change_some(chosen, images, changed), labels
