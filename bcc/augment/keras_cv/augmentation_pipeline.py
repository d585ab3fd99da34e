"""keras-cv's RandomAugmentationPipeline: two of ten of its layers, one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from bcc.augment.augmentation import Parameters, Topic
from bcc.augment.batch import change_some, per_image, rows_of
from bcc.augment.keras_cv.some_layers import some_layers
from bcc.augment.keras_cv.step import Draws, KerasCvStep, PolicyDraws, Turn, made, one_by_one
from bcc.specs import option

if TYPE_CHECKING:
    import tensorflow as tf

LAYERS_A_IMAGE = 2


class KerasCvAugmentationPipeline(KerasCvStep):
    """Let the pipeline draw twice from ten layers (`some_layers`), each turn with a chance to skip it."""

    name: ClassVar[str] = "keras_cv.random_augmentation_pipeline"
    title: ClassVar[str] = "Pipeline (keras-cv)"
    topic: ClassVar[Topic] = "policy"
    about: ClassVar[str] = (
        "Applies two layers of keras-cv, drawn from ten for each image, one after the other."
    )
    hurts: ClassVar[str] = "When strong, as the layers do, and two of them can leave little of a small cell."
    neutral: ClassVar[dict[str, float]] = {"rate": 0.0}

    rate: float = option(0.9, "Chance that a drawn layer is applied.", ge=0, le=1)
    magnitude: float = option(0.5, "Strength of whatever is drawn.", ge=0, le=1)

    @classmethod
    def change(
        cls, images: tf.Tensor, labels: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tuple[tf.Tensor, tf.Tensor]:
        import tensorflow as tf

        def pass_on(image: tf.Tensor, key: tf.Tensor, magnitude: tf.Tensor, rate: tf.Tensor) -> tf.Tensor:
            turn = Turn()

            def build(layers: Any) -> Any:
                inner = some_layers(layers, key, magnitude, cls.name, turn)
                return layers.RandomAugmentationPipeline(inner, LAYERS_A_IMAGE, rate, dtype="float32")

            pipeline = PolicyDraws(key, cls.name, turn).given_to(made(build))
            Draws(key, f"{cls.name} choice", turn).given_to(pipeline._random_choice)
            return pipeline({"images": image})["images"]

        def changed(part: tf.Tensor, rows: tf.Tensor) -> tf.Tensor:
            values = rows_of(parameters, rows)
            return one_by_one(
                pass_on, part, tf.gather(keys, rows), [values[name] for name in ("magnitude", "rate")]
            )

        return change_some(per_image(parameters["rate"], images) > 0, images, changed), labels
