"""keras-cv's RandomCropAndResize: a part of another area and shape, brought to the full size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from bcc.augment.augmentation import Parameters, Topic
from bcc.augment.keras_cv.step import Draws, KerasCvStep, made, one_by_one
from bcc.specs import option

if TYPE_CHECKING:
    import tensorflow as tf


class KerasCvCropAndResize(KerasCvStep):
    """Cut out a rectangle whose area and shape the layer draws, and stretch it to the full size."""

    name: ClassVar[str] = "keras_cv.random_crop_and_resize"
    title: ClassVar[str] = "Crop and resize (keras-cv)"
    topic: ClassVar[Topic] = "geometry"
    about: ClassVar[str] = "Cuts out a part of random area and shape and stretches it to the full size."
    hurts: ClassVar[str] = "Cuts lobes off, and a stretched lymphocyte is no longer round."
    paper: ClassVar[str] = "Szegedy et al., Going Deeper with Convolutions, 2015"
    neutral: ClassVar[dict[str, float]] = {"smallest": 1.0, "stretch": 1.0}

    smallest: float = option(
        0.5,
        "Smallest area of the part, as a share of the image's.",
        title="Smallest area",
        ge=0.05,
        le=1,
    )
    stretch: float = option(1.33, "Largest ratio of its sides, one way or the other.", ge=1, le=3)

    @classmethod
    def change(
        cls, images: tf.Tensor, labels: tf.Tensor, keys: tf.Tensor, parameters: Parameters
    ) -> tuple[tf.Tensor, tf.Tensor]:
        height, width = images.shape[1:3]

        def cut(image: tf.Tensor, key: tf.Tensor, smallest: tf.Tensor, stretch: tf.Tensor) -> tf.Tensor:
            draws = Draws(key, cls.name)

            def build(layers: Any) -> Any:
                return layers.RandomCropAndResize(
                    (height, width),
                    crop_area_factor=draws.between(smallest, 1.0),
                    aspect_ratio_factor=draws.between(1 / stretch, stretch),
                    dtype="float32",
                )

            layer = draws.given_to(made(build))
            return layer.augment_image(image, layer.get_random_transformation())

        values = [parameters["smallest"], parameters["stretch"]]
        return one_by_one(cut, images, keys, values), labels
